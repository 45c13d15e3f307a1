import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BoxState } from '../../../../src/model/checklist/box.ts';
import {
  BOX_IDS,
  type BoxId,
  checklistOf,
  checklistOfAll,
} from '../../../../src/model/checklist/checklist.ts';
import type {
  ChecklistFacts,
  GoodBackup,
  SavingSchedule,
} from '../../../../src/model/checklist/checklist-facts.ts';
import { storePlace } from '../../../../src/model/checklist/store-place.ts';
import { alertRules } from '../../../../src/model/metrics/alert-rules.ts';
import { prometheusRules } from '../../../../src/model/metrics/rules-file.ts';
import { DEFAULT_THRESHOLDS } from '../../../../src/model/metrics/thresholds.ts';
import type { DrillReport } from '../../../../src/model/records/drill-report.ts';
import { anObject } from '../../../support/objects.ts';
import { aDrillReport } from '../records/a-drill-report.ts';

const NOW = new Date('2026-11-29T12:00:00Z');

function backup(hoursAgo: number, holdsValues = true): GoodBackup {
  const at = new Date(NOW.getTime() - hoursAgo * 3_600_000);
  return { id: `${hoursAgo}h`, at, holdsValues };
}

function schedule(changes: Partial<SavingSchedule> = {}, keep = ['--keep-within 30d']): SavingSchedule {
  return {
    namespace: 'shop',
    cronJob: 'nightly',
    isInstalled: true,
    schedule: '0 2 * * *',
    timeZone: 'Etc/UTC',
    suspended: false,
    next: new Date('2026-11-30T02:00:00Z'),
    lastSuccess: '2026-11-29T02:00:09Z',
    backup: {
      releases: [],
      namespace: 'shop',
      selector: undefined,
      keep,
      encryptTo: [],
      isSealed: false,
      verifies: true,
    },
    store: { cronJob: 'nightly', location: 'git+ssh://git.example/backups.git', flags: new Map() },
    saves: 'yes',
    ...changes,
  };
}

function aRule(expr: string) {
  return anObject('monitoring.coreos.com/v1', 'PrometheusRule', 'backups').with({
    spec: { groups: [{ name: 'x', rules: [{ alert: 'Late', expr }] }] },
  }).object;
}

const AGE = 'time() - kube_cronjob_status_last_successful_time{cronjob="nightly"} > 93600';

function drillAt(day: string, changes: Partial<DrillReport> = {}): DrillReport {
  return aDrillReport({ at: `${day}T12:00:00.000Z`, ...changes });
}

/** All that can be ticked is. */
const GOOD: ChecklistFacts = {
  now: NOW,
  namespace: undefined,
  isHelm: true,
  backups: [backup(10), backup(34)],
  store: storePlace('git+ssh://git.example/backups.git'),
  schedules: [schedule()],
  alerts: { seen: true, rules: [aRule(AGE)], everywhere: true },
  drills: [drillAt('2026-11-20')],
  isRunbook: true,
};

function judged(box: BoxId, changes: Partial<ChecklistFacts>): [BoxState, string] {
  const found = checklistOf({ ...GOOD, ...changes }).find((each) => each.box === box)!;
  return [found.state, found.why];
}

test('eight boxes, each ticked where it was seen to hold', () => {
  const states = checklistOf(GOOD).map(({ box, state }) => `${box} ${state}`);
  assert.deepEqual(
    states,
    BOX_IDS.map((box) => `${box} ticked`),
  );
  assert.equal(states.length, 8);
});

test('where nothing can be seen, nothing is ticked, and nothing is denied but what has its place in Git', () => {
  const blind: ChecklistFacts = {
    ...GOOD,
    backups: undefined,
    store: undefined,
    schedules: undefined,
    alerts: { seen: false, why: 'PrometheusRules can’t be read' },
    drills: undefined,
    isRunbook: false,
  };
  const states = checklistOf(blind).map(({ box, state }) => `${box} ${state}`);
  assert.deepEqual(
    states,
    BOX_IDS.map((box) => `${box} ${box === 'values-in-git' ? 'open' : 'unknown'}`),
  );
});

type Case = [name: string, changes: Partial<ChecklistFacts>, state: BoxState, why: RegExp];
const CASES: Partial<Record<BoxId, Case[]>> = {
  drills: [
    ['none', { drills: [] }, 'open', /no drill was measured yet/],
    [
      'an old one',
      { drills: [drillAt('2026-08-01')] },
      'open',
      /2026-08-01 passed in 5.1 s: .* a quarter ago/,
    ],
    ['a late one', { drills: [drillAt('2026-11-20', { met: false })] }, 'open', /15 min was its target/],
    [
      'one that failed after one that passed',
      { drills: [drillAt('2026-11-20', { outcome: 'failed', failure: 'no pod' }), drillAt('2026-11-01')] },
      'open',
      /failed after 5.1 s: no pod/,
    ],
    ['a good one', {}, 'ticked', /the drill of 2026-11-20 passed in 5.1 s/],
  ],
  'daily-backup': [
    ['none', { backups: [] }, 'open', /no complete backup/],
    ['an old one', { backups: [backup(27), backup(51)] }, 'open', /27h, is 27 h old/],
    ['the day before is missing', { backups: [backup(2), backup(50)] }, 'open', /before 2h is 2 d older/],
    ['the first one', { backups: [backup(2)] }, 'unknown', /none is left of the day before/],
    ['two by hand, minutes apart', { backups: [backup(1), backup(1.1)] }, 'unknown', /day before/],
    [
      'two by hand after a month',
      { backups: [backup(1), backup(1.1), backup(720)] },
      'open',
      /30 d older|29 d older/,
    ],
    ['each hour', { backups: Array.from({ length: 30 }, (_, hour) => backup(hour)) }, 'ticked', /^0h/],
    ['a run that was late', { backups: [backup(1), backup(26.9)] }, 'ticked', /1h is 1 h old/],
  ],
  'values-in-git': [
    ['without Helm', { isHelm: false }, 'unknown', /no values/],
    ['without the record', { backups: [backup(1, false)] }, 'open', /no complete backup/],
    ['another store', { store: storePlace('s3://b'), schedules: [] }, 'open', /no Git repository/],
    ['another store, and a schedule for Git', { store: storePlace('s3://b') }, 'unknown', /not looked into/],
  ],
  cronjob: [
    ['none', { schedules: [] }, 'open', /no CronJob of this tool saves it$/],
    ['none here', { schedules: [], namespace: 'shop' }, 'open', /-A looks/],
    ['suspended', { schedules: [schedule({ suspended: true })] }, 'open', /suspended/],
    [
      'never due',
      { schedules: [schedule({ next: undefined, schedule: '0 2 31 2 *' })] },
      'open',
      /never due \(0 2 31 2 \*\)/,
    ],
    ['by a selector', { schedules: [schedule({ saves: 'perhaps' })] }, 'unknown', /arguments don’t tell/],
    [
      'never succeeded',
      { schedules: [schedule({ lastSuccess: undefined })] },
      'unknown',
      /not succeeded yet/,
    ],
    ['one of two works', { schedules: [schedule({ suspended: true }), schedule()] }, 'ticked', /nightly/],
  ],
  retention: [
    ['none', { schedules: [] }, 'open', /no CronJob/],
    ['no rule', { schedules: [schedule({}, [])] }, 'open', /nothing is ever removed/],
    ['a week', { schedules: [schedule({}, ['--keep-within 7d'])] }, 'open', /less than 30 days/],
    ['a month', { schedules: [schedule({}, ['--keep-within 1m'])] }, 'ticked', /keep-within 1m/],
    ['days', { schedules: [schedule({}, ['--keep-daily 30'])] }, 'ticked', /keep-daily/],
    ['too few days', { schedules: [schedule({}, ['--keep-daily 29'])] }, 'open', /less/],
    ['weeks', { schedules: [schedule({}, ['--keep-daily 7', '--keep-weekly 5'])] }, 'ticked', /weekly/],
    ['for ever', { schedules: [schedule({}, ['--keep-last unlimited'])] }, 'ticked', /unlimited/],
    ['a number', { schedules: [schedule({}, ['--keep-last 60'])] }, 'unknown', /its runs decide/],
    ['a floor is no rule', { schedules: [schedule({}, ['--keep-min 60'])] }, 'open', /less/],
  ],
  'off-cluster': [
    ['a folder', { store: storePlace('/srv/backups'), schedules: [] }, 'open', /is a folder/],
    ['a claim', { store: storePlace('pvc://ops/backups'), schedules: [] }, 'open', /lies in this cluster/],
    ['Amazon', { store: storePlace('s3://b/f'), schedules: [] }, 'ticked', /s3:\/\/b\/f: holds it/],
    [
      'a bucket with nothing in it',
      { store: storePlace('s3://b'), schedules: [], backups: [] },
      'open',
      /no complete backup/,
    ],
    [
      'a bucket in the cluster',
      { store: storePlace('s3://b', 'http://minio.ops.svc:9000'), schedules: [] },
      'open',
      /in this cluster/,
    ],
    [
      'a bucket at an address',
      { store: storePlace('s3://b', 'http://10.1.2.3:9000'), schedules: [] },
      'unknown',
      /does not tell/,
    ],
    [
      'a schedule that saves there',
      { store: storePlace('/srv'), backups: [] },
      'ticked',
      /nightly saves there/,
    ],
    [
      'a schedule that never did',
      { store: storePlace('/srv'), schedules: [schedule({ lastSuccess: undefined })] },
      'open',
      /folder/,
    ],
  ],
  alerts: [
    ['no schedule', { schedules: [] }, 'open', /none to watch/],
    ['no such kind', { alerts: { seen: false, why: 'no PrometheusRules' } }, 'unknown', /no PrometheusRules/],
    [
      'none anywhere',
      { alerts: { seen: true, rules: [], everywhere: true } },
      'open',
      /watches cronjob\/nightly/,
    ],
    [
      'none here',
      { alerts: { seen: true, rules: [], everywhere: false }, namespace: 'shop' },
      'unknown',
      /-A looks/,
    ],
    [
      'the guide’s own, which is silent where no run starts',
      {
        alerts: {
          seen: true,
          rules: [aRule('kube_job_failed{job_name=~"nightly.*"} > 0')],
          everywhere: true,
        },
      },
      'open',
      /watches/,
    ],
    [
      'one of another CronJob',
      { alerts: { seen: true, rules: [aRule(AGE.replace('nightly', 'nightly-db'))], everywhere: true } },
      'open',
      /watches/,
    ],
    [
      'one of a CronJob of that name in another namespace',
      {
        alerts: {
          seen: true,
          rules: [aRule(AGE.replace('{', '{namespace="other",'))],
          everywhere: true,
        },
      },
      'open',
      /watches/,
    ],
    [
      'those that `alerts` prints',
      {
        alerts: {
          seen: true,
          rules: prometheusRules(
            [alertRules({ namespace: 'shop', name: 'nightly', claims: [] }, DEFAULT_THRESHOLDS)],
            {},
          ),
          everywhere: true,
        },
      },
      'ticked',
      /prometheusrule\/memcached-backup in namespace shop watches cronjob\/nightly/,
    ],
    [
      'those that `alerts` prints for another schedule',
      {
        alerts: {
          seen: true,
          rules: prometheusRules(
            [alertRules({ namespace: 'ops', name: 'nightly', claims: [] }, DEFAULT_THRESHOLDS)],
            {},
          ),
          everywhere: true,
        },
      },
      'open',
      /watches/,
    ],
  ],
  runbook: [['of status', { isRunbook: false }, 'unknown', /runbook/]],
};

for (const [box, cases] of Object.entries(CASES) as [BoxId, Case[]][]) {
  describe(`the box ${box}`, () => {
    for (const [name, changes, state, why] of cases) {
      test(name, () => {
        const [is, because] = judged(box, changes);
        assert.equal(is, state, because);
        assert.match(because, why);
      });
    }
  });
}

describe('where a store lies', () => {
  const cases: [string, string | undefined, string][] = [
    ['s3://bucket/folder', undefined, 's3 outside'],
    ['s3://bucket', 'https://s3.example.org', 's3 outside'],
    ['s3://bucket', 'http://minio.ops.svc.cluster.local:9000', 's3 inside'],
    ['s3://bucket', 'http://minio:9000', 's3 unknown'],
    ['s3://bucket', 'http://[fd00::1]:9000', 's3 unknown'],
    ['git+ssh://git@git.example/backups.git', undefined, 'git outside'],
    ['git+https://gitea.git.svc/backups.git', undefined, 'git inside'],
    ['git+file:///srv/backups.git', undefined, 'git unknown'],
    ['pvc://ops/backups', undefined, 'claim inside'],
    ['./memcached-backups', undefined, 'folder unknown'],
    ['C:/backups', undefined, 'folder unknown'],
  ];
  for (const [location, endpoint, where] of cases) {
    test(`${location} ${endpoint ?? ''}`, () => {
      const { kind, cluster } = storePlace(location, endpoint);
      assert.equal(`${kind} ${cluster}`, where);
    });
  }
});

describe('of several releases', () => {
  const worse = checklistOf({ ...GOOD, schedules: [] });
  const all = (...each: [string, ReturnType<typeof checklistOf>][]) =>
    checklistOfAll(each.map(([release, boxes]) => ({ release, boxes })));
  const box = (boxes: ReturnType<typeof checklistOf>, id: BoxId) => boxes.find((each) => each.box === id)!;

  test('a box is ticked where it is of each, and the others are named', () => {
    const both = all(['cart', checklistOf(GOOD)], ['users', worse]);
    assert.equal(box(both, 'daily-backup').state, 'ticked');
    assert.deepEqual(
      [box(both, 'cronjob').state, box(both, 'cronjob').why],
      ['open', 'users: no CronJob of this tool saves it'],
    );
  });
  test('what holds of all alike is said once', () => {
    assert.equal(box(all(['a', worse], ['b', worse]), 'cronjob').why, 'no CronJob of this tool saves it');
  });
  test('open is worse than unknown, and that is worse than ticked', () => {
    const unclear = checklistOf({ ...GOOD, schedules: undefined });
    const each = all(['a', checklistOf(GOOD)], ['b', unclear]);
    assert.equal(box(each, 'cronjob').state, 'unknown');
    assert.equal(box(all(['a', worse], ['b', unclear]), 'cronjob').state, 'open');
  });
});
