import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubectl, placeholder } from '../../../src/advice/command.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { specOfSchedule } from '../../../src/schedule/spec-of-schedule.ts';
import type { WantedSchedule } from '../../../src/schedule/wanted-schedule.ts';
import type { CommandContext } from '../../../src/session/context.ts';

const WANTED: WantedSchedule = {
  releases: [],
  allNamespaces: false,
  cron: '0 2 * * *',
  timeZone: 'Etc/UTC',
  backupFlags: [],
  recipients: [],
  image: 'memcached-backup:0.1.0',
  accountAnnotations: {},
  storage: '1Gi',
};

/** Of a namespace "cache" that holds the Kinds named in `there`, and nothing else. */
function resolve(over: Partial<WantedSchedule>, location: string, there: readonly string[] = []) {
  const context = {
    kube: async () => ({ namespace: 'cache' }),
    store: async () => ({ location }),
    now: () => new Date('2026-11-29T12:00:00Z'),
  } as unknown as CommandContext;
  const look = {
    get: async ({ kind }: { kind: string }) => (there.includes(kind) ? { kind } : undefined),
  } as unknown as KubeClient;
  return specOfSchedule({ ...WANTED, ...over }, context, look);
}

test('who names a Secret that is not there is told which keys it needs, in a command to fill in', async () => {
  const cases: [Partial<WantedSchedule>, string, string[]][] = [
    [{ s3Secret: 'keys' }, 's3://b1/f', ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']],
    [{ gitSecret: 'keys' }, 'git+ssh://git@host/x.git', ['ssh-privatekey', 'known_hosts']],
    [{ gitSecret: 'keys' }, 'git+https://host/x.git', ['username', 'password']],
    [{ signSecret: 'keys' }, 's3://b1/f', ['sign-key']],
  ];
  for (const [over, location, keys] of cases) {
    const files = keys.map((key) => placeholder('FILE', `--from-file=${key}=`));
    await assert.rejects(resolve(over, location), {
      message: 'secret/keys does not exist in namespace cache',
      next: kubectl('create', 'secret', 'generic', 'keys', '-n', 'cache', ...files),
    });
  }
});

const DRILL = { cron: '0 4 1 */3 *' };

test('drills are held in a namespace that is made, or in one that is there and stays as it is', async () => {
  const { spec } = await resolve({ drill: { ...DRILL, target: '15m' }, releases: ['cart'] }, 's3://b1/f');
  assert.deepEqual(spec.drill?.into, { name: 'cache-drill', create: { labels: {} } });
  assert.deepEqual(
    spec.drill?.args.join(' '),
    'drill cart -n cache --into cache-drill --target 15m --store s3://b1/f --yes',
  );
  assert.equal(spec.drill?.account.name, 'memcached-backup-drill');
  const given = await resolve({ drill: { ...DRILL, into: 'stage' } }, 's3://b1/f', ['Namespace']);
  assert.deepEqual(given.spec.drill?.into, { name: 'stage' });
  assert.match(given.spec.drill?.args.join(' ') ?? '', /^drill --all -n cache --into stage/);
});

test('drills get what leads to the store, and no key that signs', async () => {
  const backupFlags = [
    '--keep-last',
    '5',
    '--s3-endpoint',
    'https://minio:9000',
    '--cluster-name',
    'eu',
    '--verify',
  ];
  const wanted = {
    drill: { ...DRILL, identitySecret: 'key' },
    backupFlags,
    s3Secret: 'keys',
    signSecret: 'signer',
  };
  const context = {
    kube: async () => ({ namespace: 'cache' }),
    store: async () => ({ location: 's3://b1/f' }),
  };
  const asked = { ...context, now: () => new Date('2026-11-29T12:00:00Z') } as unknown as CommandContext;
  const { spec } = await specOfSchedule({ ...WANTED, ...wanted, recipients: ['age1x'] }, asked, undefined);
  assert.match(
    spec.drill?.args.join(' ') ?? '',
    /--store s3:\/\/b1\/f --s3-endpoint https:\/\/minio:9000 --cluster-name eu --yes$/,
  );
  assert.deepEqual(
    spec.drill?.secrets.map(({ use }) => use),
    ['s3', 'identity'],
  );
});

test('drills that can never work are refused before anything is agreed to', async () => {
  const cases: [Partial<WantedSchedule>, RegExp][] = [
    [{ allNamespaces: true }, /of one release, or of each one of the namespace/],
    [{ releases: ['a', 'b'] }, /of one release, or of each one of the namespace/],
    [{ labelSelector: 'app=x' }, /of one release, or of each one of the namespace/],
    [{ recipients: ['age1x'] }, /the backups are sealed, and no drill opens one without a key/],
    [{ name: 'n'.repeat(47) }, /has 47 characters; .* at most 46/],
    [{ drill: { cron: '0 2 31 2 *' } }, /is never due/],
    [{ drill: { cron: '* * * * *' } }, /is due every 60 s/],
    [{ drill: { ...DRILL, into: 'cache' } }, /drills are not held in cache/],
  ];
  for (const [over, message] of cases)
    await assert.rejects(resolve({ drill: DRILL, ...over }, 's3://b1/f'), { message });
});

test('a service account of somebody else that is not there is told before anything is agreed to', async () => {
  const wanted = { serviceAccount: 'backups' };
  const { notes } = await resolve(wanted, 's3://b1/f');
  assert.deepEqual(notes, [
    'serviceaccount/backups does not exist in namespace cache: until it does, no run starts',
  ]);
  assert.deepEqual((await resolve(wanted, 's3://b1/f', ['ServiceAccount'])).notes, []);
  assert.deepEqual((await resolve({}, 's3://b1/f')).notes, []);
});
