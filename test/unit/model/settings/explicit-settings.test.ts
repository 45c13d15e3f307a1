import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explicitSettings } from '../../../../src/model/settings/explicit-settings.ts';

const POD = { image: 'docker.io/library/memcached:1.6.39', command: [], args: [], env: [] };

function told(pod: Partial<Parameters<typeof explicitSettings>[0]>) {
  const { settings, perPod } = explicitSettings({ ...POD, ...pod });
  return { settings: Object.fromEntries(settings), perPod: [...perPod] };
}

test('$(NAME) in an argument takes the value of the container env', () => {
  assert.deepEqual(told({ args: ['-m', '$(SIZE)'], env: [{ name: 'SIZE', value: '96' }] }), {
    settings: { maxbytes: '100663296' },
    perPod: [],
  });
});

test('a value that only the pod knows is not comparable', () => {
  const pod = {
    args: ['-l', '$(POD_IP)', '-m', '96'],
    env: [{ name: 'POD_IP', from: 'fieldRef status.podIP' }],
  };
  assert.deepEqual(told(pod), { settings: { maxbytes: '100663296' }, perPod: ['inter'] });
});

test('$$(NAME) and an unknown $(NAME) stay as written, as the kubelet leaves them', () => {
  assert.equal(
    told({ args: ['-s', '$$(A)'], env: [{ name: 'A', value: 'x' }] }).settings.domain_socket,
    '$(A)',
  );
  assert.equal(told({ args: ['-s', '/run/$(B)'] }).settings.domain_socket, '/run/$(B)');
});

test("bitnami's env counts for bitnami's image only, and arguments win over it", () => {
  const env = [
    { name: 'MEMCACHED_CACHE_SIZE', value: '128' },
    { name: 'MEMCACHED_MAX_CONNECTIONS', value: '2000' },
    { name: 'MEMCACHED_EXTRA_FLAGS', value: '-t 2  -C' },
  ];
  assert.deepEqual(told({ image: 'docker.io/bitnami/memcached:1.6.39', env, args: ['-m', '96'] }).settings, {
    maxbytes: '100663296',
    maxconns: '2000',
    num_threads: '2',
    cas_enabled: 'no',
  });
  assert.equal(
    told({ image: 'reg.example/bitnamilegacy/memcached@sha256:00', env }).settings.maxbytes,
    '134217728',
  );
  assert.deepEqual(told({ env }).settings, {});
});

test("OpenStack-Helm's env counts where its script starts the server", () => {
  const env = [{ name: 'MEMCACHED_MEMORY', value: '1024' }];
  assert.deepEqual(told({ command: ['/tmp/memcached.sh'], env }).settings, { maxbytes: '1073741824' });
});

test("a shell's -c is not memcached's; what its script gives memcached is", () => {
  const script = 'exec memcached -m "$SIZE" -c 128';
  for (const shell of ['sh', '/bin/sh', '/bin/bash', 'dash']) {
    const expected = { settings: { maxconns: '128' }, perPod: ['maxbytes'] };
    assert.deepEqual(told({ command: [shell, '-c', script] }), expected, shell);
    assert.deepEqual(told({ command: [shell], args: ['-ec', script] }), expected, shell);
  }
  assert.equal(told({ command: ['/opt/run.sh'], args: ['-c', '128'] }).settings.maxconns, '128');
});

test('a shell script, read as a shell reads it', () => {
  const env = [
    { name: 'SIZE', value: '96' },
    { name: 'EMPTY', value: '' },
    { name: 'FLAGS', value: '-t 2 -C' },
    { name: 'HIDDEN', from: 'secretKeyRef s size' },
  ];
  for (const [script, settings, perPod = []] of [
    ['memcached -m 16', { maxbytes: '16777216' }],
    ['exec memcached -m "$SIZE" $FLAGS', { maxbytes: '100663296', num_threads: '2', cas_enabled: 'no' }],
    [
      'ulimit -n 4096 && exec /usr/bin/memcached -m \x24{SIZE:-64} -c \x24{N:-10}',
      { maxbytes: '100663296', maxconns: '10' },
    ],
    [
      'PORT=11222; export T=2\nexec memcached -p $PORT -t "$T" # -m 1',
      { tcpport: '11222', num_threads: '2' },
    ],
    ["echo 'memcached -m 1'; memcached \\\n  -m 16", { maxbytes: '16777216' }],
    [
      'memcached -m \x24{EMPTY:-16} -o "modern,hashpower=$HIDDEN,idle_timeout=5"',
      { maxbytes: '16777216', idle_timeout: '5' },
      ['hashpower_init'],
    ],
    ['memcached -m $(cat /etc/size) -m 16', { maxbytes: '16777216' }],
    ['memcached -p $HIDDEN -l "`hostname -i`"', {}, ['tcpport', 'inter']],
    ['if [ -f x ]; then exec memcached -m 1; else exec memcached -m 2; fi', {}],
    ['memcached $UNKNOWN -m 16', {}],
    ['cat > /x <<E\nmemcached -m 1\nE\n/x', {}],
    ['exec /opt/start', {}],
    ['exec memcached "$@"', {}],
    ['"', {}],
    ['memcached -m "', { maxbytes: '0' }],
  ] as [string, Record<string, string>, string[]?][])
    assert.deepEqual(told({ command: ['sh', '-c', script], env }), { settings, perPod }, script);
  const more = { command: ['/sbin/tini', '--', 'sh', '-c', 'exec memcached "$@"', 'sh', '-m', '16'] };
  assert.deepEqual(told(more).settings, { maxbytes: '16777216' });
  const byKubelet = { args: ['sh', '-c', 'exec memcached -m $(SIZE)'], env };
  assert.deepEqual(told(byKubelet).settings, { maxbytes: '100663296' });
});

test('a value that only the pod knows is no 0, and hides no other', () => {
  const env = [{ name: 'SIZE', from: 'secretKeyRef s size' }];
  assert.deepEqual(told({ args: ['-m', '$(SIZE)', '-c', '64'], env }), {
    settings: { maxconns: '64' },
    perPod: ['maxbytes'],
  });
});
