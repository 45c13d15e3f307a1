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

test('a service account of somebody else that is not there is told before anything is agreed to', async () => {
  const wanted = { serviceAccount: 'backups' };
  const { notes } = await resolve(wanted, 's3://b1/f');
  assert.deepEqual(notes, [
    'serviceaccount/backups does not exist in namespace cache: until it does, no run starts',
  ]);
  assert.deepEqual((await resolve(wanted, 's3://b1/f', ['ServiceAccount'])).notes, []);
  assert.deepEqual((await resolve({}, 's3://b1/f')).notes, []);
});
