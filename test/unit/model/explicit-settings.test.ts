import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explicitSettings } from '../../../src/model/explicit-settings.ts';

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

test("a shell's -c is not memcached's, wherever the shell lies", () => {
  const script = 'exec memcached -m "$SIZE" -c 128';
  for (const shell of ['sh', '/bin/sh', '/bin/bash', 'dash']) {
    assert.deepEqual(told({ command: [shell, '-c', script] }).settings, {}, shell);
    assert.deepEqual(told({ command: [shell], args: ['-c', script] }).settings, {}, shell);
  }
  assert.equal(told({ command: ['/opt/run.sh'], args: ['-c', '128'] }).settings.maxconns, '128');
});
