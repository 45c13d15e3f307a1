import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backupMaker } from '../../../../src/model/schedule/backup-cronjob.ts';
import { savesRelease, toolSchedules } from '../../../../src/model/schedule/schedule-facts.ts';
import { type ScheduledBackup, scheduledBackup } from '../../../../src/model/schedule/scheduled-backup.ts';
import { SCHEDULE_LABELS } from '../../../../src/model/schedule/scheduled-store.ts';
import { anObject } from '../../../support/objects.ts';

const NOW = new Date('2026-11-29T12:00:00Z');

function aCronJob(container: { command?: string[]; args?: string[] }, more: object = {}) {
  return anObject('batch/v1', 'CronJob', 'nightly').with({
    spec: {
      schedule: '0 2 * * *',
      jobTemplate: {
        spec: { template: { spec: { containers: [{ name: 'x', image: 'registry/it', ...container }] } } },
      },
      ...more,
    },
  }).object;
}

const NOTHING: ScheduledBackup = {
  releases: [],
  namespace: 'shop',
  selector: undefined,
  keep: [],
  encryptTo: [],
  isSealed: false,
  verifies: false,
};

describe('what a schedule backs up', () => {
  const cases: [name: string, args: string[], told: Partial<ScheduledBackup>][] = [
    ['all of its own namespace', ['backup'], {}],
    ['into a folder of its own', ['backup', '--cluster-name', 'eu'], { clusterName: 'eu' }],
    ['releases by name', ['backup', 'cart', 'users'], { releases: ['cart', 'users'] }],
    [
      'releases after flags',
      ['backup', '--store', 's3://b', '--verify', 'cart', '-n', 'dev'],
      { releases: ['cart'], namespace: 'dev', verifies: true },
    ],
    ['every namespace, whatever else is said', ['backup', '-n', 'dev', '-A'], { namespace: undefined }],
    ['by a selector', ['backup', '-l', 'tier=cache'], { selector: 'tier=cache' }],
    [
      'flags with their values attached',
      ['backup', '-ndev', '--selector=a=b'],
      { namespace: 'dev', selector: 'a=b' },
    ],
    ['a flag that is switched off', ['backup', '--all-namespaces=false', '--verify=false'], {}],
    [
      'keep rules, the last of each',
      ['backup', '--keep-within', '7d', '--keep-daily=14', '--keep-within', '30d'],
      { keep: ['--keep-within 30d', '--keep-daily 14'] },
    ],
    [
      'keys',
      ['backup', '--encrypt-to', 'age1x', '--encrypt-to', 'age1y'],
      { encryptTo: ['age1x', 'age1y'], isSealed: true },
    ],
    ['a file of keys', ['backup', '--recipients-file', '/keys/all'], { isSealed: true }],
  ];
  for (const [name, args, told] of cases) {
    test(name, () => assert.deepEqual(scheduledBackup(aCronJob({ args })), { ...NOTHING, ...told }));
  }
  test('within the words of a shell', () => {
    const script = "set -e\nkubectl memcached-backup backup 'cart' -n dev --verify && echo done";
    assert.deepEqual(scheduledBackup(aCronJob({ command: ['sh', '-c', script] })), {
      ...NOTHING,
      releases: ['cart'],
      namespace: 'dev',
      verifies: true,
    });
  });
  test('nothing, where no container takes a backup', () => {
    assert.equal(scheduledBackup(aCronJob({ args: ['prune', '-A'] })), undefined);
    assert.equal(scheduledBackup(anObject('batch/v1', 'CronJob', 'empty').object), undefined);
  });
});

describe('a release is saved', () => {
  const saves = (changes: Partial<ScheduledBackup>) =>
    savesRelease({ backup: { ...NOTHING, ...changes } }, { namespace: 'shop', name: 'cart' });
  test('by its namespace, or by every one', () => {
    assert.equal(saves({}), 'yes');
    assert.equal(saves({ namespace: undefined }), 'yes');
    assert.equal(saves({ namespace: 'dev' }), 'no');
  });
  test('by its name', () => {
    assert.equal(saves({ releases: ['cart'] }), 'yes');
    assert.equal(saves({ releases: ['users'] }), 'no');
  });
  test('perhaps, where a selector decides or nothing can be read', () => {
    assert.equal(saves({ selector: 'tier=cache' }), 'perhaps');
    assert.equal(savesRelease({ backup: undefined }, { namespace: 'shop', name: 'cart' }), 'perhaps');
  });
});

test('a CronJob that bears the labels is of this tool, whatever its image is called', () => {
  const cronJob = aCronJob({ args: ['backup', '-A'] });
  assert.equal(backupMaker(cronJob), undefined);
  (cronJob.metadata as { labels: object }).labels = { ...SCHEDULE_LABELS };
  assert.equal(backupMaker(cronJob), 'tool');
});

test('what is told of a schedule', async () => {
  const cronJob = aCronJob(
    { command: ['kubectl-memcached_backup'], args: ['backup', '--store', 's3://b/f', '-A'] },
    { timeZone: 'Europe/Berlin', suspend: true },
  );
  cronJob.status = { lastSuccessfulTime: '2026-11-29T01:00:09Z' };
  const [facts, ...others] = await toolSchedules([cronJob, aCronJob({ args: ['date'] })], NOW);
  assert.deepEqual(others, []);
  assert.deepEqual(
    { ...facts, backup: facts?.backup?.namespace, store: facts?.store?.location },
    {
      namespace: 'shop',
      cronJob: 'nightly',
      isInstalled: false,
      schedule: '0 2 * * *',
      timeZone: 'Europe/Berlin',
      suspended: true,
      next: new Date('2026-11-30T01:00:00Z'),
      lastSuccess: '2026-11-29T01:00:09Z',
      backup: undefined,
      store: 's3://b/f',
    },
  );
});
