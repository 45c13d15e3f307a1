import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arrayAt, type JsonObject, stringAt } from '../../../src/model/json/json.ts';
import { toYaml } from '../../../src/model/json/yaml.ts';
import { alertRules, type RuleGroup } from '../../../src/model/metrics/alert-rules.ts';
import { dashboard } from '../../../src/model/metrics/dashboard.ts';
import { rulesFile } from '../../../src/model/metrics/rules-file.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../../src/model/metrics/thresholds.ts';
import type { WatchedSchedule } from '../../../src/model/metrics/watched-schedule.ts';
import { toolObstacle } from '../../cluster/build/go-tool.ts';
import {
  aSeries,
  DAY,
  HOUR,
  type InputSeries,
  MINUTE,
  type ModelRun,
  type ModelSchedule,
  STEP,
  seriesOf,
} from '../../support/metrics/model-series.ts';
import { promtool, type Verdict } from '../../support/metrics/promtool.ts';

const WATCHED: WatchedSchedule = { namespace: 'shop', name: 'memcached-backup', claims: ['backups'] };
/** The rule that guides suggest, beside ours: what it does, and does not. Counted, so that it is one alert. */
const GUIDE = { alert: 'Guide', expr: 'count(kube_job_failed{job_name=~"memcached-backup.*"} > 0)' };

/** Which alerts fire at a time, all of them; "NAME RELEASE" is one of a release. */
type Expected = readonly [at: number, alerts: readonly string[]];

async function verdictOn(
  series: readonly InputSeries[],
  expected: readonly Expected[],
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
  watched: WatchedSchedule = WATCHED,
): Promise<Verdict> {
  const group = alertRules(watched, thresholds);
  const names = [...group.rules, GUIDE].map(({ alert }) => alert);
  for (const name of expected.flatMap(([, alerts]) => alerts))
    assert.ok(names.includes(name.split(' ')[0]!), name);
  const tests = {
    rule_files: ['rules.yaml', 'guide.yaml'],
    evaluation_interval: `${STEP}s`,
    tests: [
      {
        interval: `${STEP}s`,
        input_series: series.map((each) => ({ ...each })),
        alert_rule_test: expected.flatMap(([at, firing]) =>
          names.map((alertname) => ({
            eval_time: `${at}s`,
            alertname,
            exp_alerts: firing
              .map((each) => each.split(' '))
              .filter(([name]) => name === alertname)
              .map(([, release]) => ({
                exp_labels: { ...labelsOf(group, alertname), ...(release === undefined ? {} : { release }) },
              })),
          })),
        ),
      },
    ],
  };
  const files = {
    'rules.yaml': toYaml(rulesFile([withoutAnnotations(group)])),
    'guide.yaml': toYaml({ groups: [{ name: 'guide', rules: [GUIDE] }] }),
    'tests.yaml': toYaml(tests),
  };
  return promtool(files, ['test', 'rules', 'tests.yaml']);
}

function labelsOf({ rules }: RuleGroup, name: string): JsonObject {
  return { ...rules.find(({ alert }) => alert === name)?.labels };
}

/** promtool would want them word for word, with each value in them. */
function withoutAnnotations({ name, rules }: RuleGroup): RuleGroup {
  return { name, rules: rules.map((rule) => ({ ...rule, annotations: {} as typeof rule.annotations })) };
}

async function expectAlerts(
  series: readonly InputSeries[],
  expected: readonly Expected[],
  thresholds?: Thresholds,
  watched?: WatchedSchedule,
): Promise<void> {
  const { isGood, said } = await verdictOn(series, expected, thresholds, watched);
  assert.ok(isGood, said);
}

function aSchedule(changes: Partial<ModelSchedule> & Pick<ModelSchedule, 'runs'>): ModelSchedule {
  return { namespace: WATCHED.namespace, name: WATCHED.name, ...changes };
}

/** A run each night at 2 from the first one on, as `change` has it by the number of the night, from 0; undefined: none. */
function nights(
  count: number,
  change: (night: number) => Partial<ModelRun> | undefined = () => ({}),
): ModelRun[] {
  return Array.from({ length: count }, (_, night): ModelRun[] => {
    const changes = change(night);
    if (changes === undefined) return [];
    return [{ at: night * DAY + 2 * HOUR, ended: 'complete', ...changes }];
  }).flat();
}

const onlyBefore = (end: number) => (night: number) => (night < end ? {} : undefined);

describe('the rules', { skip: toolObstacle('prometheus') ?? false }, () => {
  test('are rules, and so are the queries of the dashboard', async () => {
    const bucket = { namespace: 'ops', name: 'nightly.all', claims: [] };
    const queries = arrayAt(dashboard([WATCHED, bucket], DEFAULT_THRESHOLDS), 'panels')
      .flatMap((panel) => arrayAt(panel, 'targets'))
      .map((target, at) => ({ record: `query:${at}`, expr: stringAt(target, 'expr')! }));
    const files = {
      'rules.yaml': toYaml(rulesFile([WATCHED, bucket].map((each) => alertRules(each, DEFAULT_THRESHOLDS)))),
      'queries.yaml': toYaml({ groups: [{ name: 'dashboard', rules: queries }] }),
    };
    const { isGood, said } = await promtool(files, ['check', 'rules', 'rules.yaml', 'queries.yaml']);
    assert.ok(isGood, said);
    assert.match(said, /SUCCESS: 24 rules found/);
  });

  test('are silent while every night is good', async () => {
    await expectAlerts(seriesOf(aSchedule({ runs: nights(10) })), [
      [2 * DAY, []],
      [5 * DAY, []],
    ]);
  });

  test('are held to expectations that can fail', async () => {
    const series = seriesOf(aSchedule({ runs: nights(2) }));
    const wrong = await verdictOn(series, [[5 * DAY, ['MemcachedBackupMissed']]]);
    assert.equal(wrong.isGood, false);
    assert.match(wrong.said, /MemcachedBackupTooOld/);
    await expectAlerts(series, [[5 * DAY, ['MemcachedBackupTooOld', 'MemcachedBackupMissed']]]);
  });

  test('of a run that failed: they warn, and end with the next that succeeds, which the rule of guides does not', async () => {
    const fourth = { ended: 'failed' } as const;
    const series = seriesOf(aSchedule({ runs: nights(12, (night) => (night === 4 ? fourth : {})) }));
    const failedAt = 4 * DAY + 2 * HOUR;
    await expectAlerts(series, [
      [failedAt - HOUR, []],
      [failedAt + HOUR, ['MemcachedBackupFailed', 'MemcachedBackupSuccessRate', 'Guide']],
      [
        failedAt + 5 * HOUR,
        ['MemcachedBackupFailed', 'MemcachedBackupSuccessRate', 'MemcachedBackupTooOld', 'Guide'],
      ],
      [failedAt + DAY + HOUR, ['MemcachedBackupSuccessRate', 'Guide']],
      [failedAt + 7 * DAY + HOUR, ['Guide']],
    ]);
  });

  test('of a run that never started: they page, which the rule of guides does not', async () => {
    const series = seriesOf(aSchedule({ runs: nights(12, onlyBefore(3)) }));
    const due = 3 * DAY + 2 * HOUR;
    await expectAlerts(series, [
      [due + HOUR, []],
      [due + HOUR + 45 * MINUTE, ['MemcachedBackupMissed']],
      [due + 3 * HOUR, ['MemcachedBackupMissed', 'MemcachedBackupTooOld']],
    ]);
  });

  test('of a schedule that never fires while somebody backs up by hand: the age is content, the schedule is missed', async () => {
    const byHand = { byHand: true } as const;
    await expectAlerts(seriesOf(aSchedule({ runs: nights(8, () => byHand) })), [
      [5 * DAY, ['MemcachedBackupMissed']],
    ]);
    const neverDue = seriesOf(aSchedule({ runs: nights(8, () => byHand), neverDue: true }));
    await expectAlerts(neverDue, [[5 * DAY, ['MemcachedBackupMissed']]]);
  });

  test('of a schedule that never succeeded', async () => {
    const failing = seriesOf(aSchedule({ runs: nights(5, () => ({ ended: 'failed' })) }));
    await expectAlerts(failing, [
      [12 * HOUR, ['MemcachedBackupFailed', 'MemcachedBackupSuccessRate', 'Guide']],
      [27 * HOUR, ['MemcachedBackupFailed', 'MemcachedBackupSuccessRate', 'MemcachedBackupNever', 'Guide']],
    ]);
    // The first run of an install, in the second in which the CronJob was made.
    const atOnce = [{ at: 0, ended: 'failed', byHand: true }] as const;
    await expectAlerts(seriesOf(aSchedule({ runs: atOnce })), [
      [HOUR, ['MemcachedBackupFailed', 'MemcachedBackupSuccessRate', 'Guide']],
    ]);
    await expectAlerts(seriesOf(aSchedule({ runs: [] })), [
      [30 * HOUR, ['MemcachedBackupNever', 'MemcachedBackupMissed']],
    ]);
  });

  test('of one that is suspended: that is said after an hour, it is not late, and the age pages', async () => {
    const suspendedFrom = 3 * DAY;
    const series = seriesOf(aSchedule({ runs: nights(12, onlyBefore(3)), suspendedFrom }));
    await expectAlerts(series, [
      [suspendedFrom + 30 * MINUTE, []],
      [suspendedFrom + 2 * HOUR, ['MemcachedBackupSuspended']],
      [suspendedFrom + 6 * HOUR, ['MemcachedBackupSuspended', 'MemcachedBackupTooOld']],
    ]);
  });

  test('of one that is gone, or that nobody tells of', async () => {
    const goneFrom = 3 * DAY;
    await expectAlerts(seriesOf(aSchedule({ runs: nights(3), goneFrom })), [
      [goneFrom - HOUR, []],
      [goneFrom + HOUR, ['MemcachedBackupScheduleGone']],
    ]);
    await expectAlerts([], [[HOUR, ['MemcachedBackupScheduleGone']]]);
  });

  test('of a run that took too long: until one is faster; and of one that hangs, beside any that ended', async () => {
    const slow = seriesOf(aSchedule({ runs: nights(6, (night) => ({ took: night === 2 ? 180 : 10 })) }));
    const end = 2 * DAY + 2 * HOUR;
    await expectAlerts(slow, [
      [end + HOUR, ['MemcachedBackupSlow']],
      [end + DAY + HOUR, []],
    ]);
    const hanging = nights(3).concat({ at: 2 * DAY + 5 * HOUR, byHand: true });
    await expectAlerts(seriesOf(aSchedule({ runs: hanging })), [
      [2 * DAY + 6 * HOUR, ['MemcachedBackupSlow']],
    ]);
    const first = [{ at: 2 * HOUR, took: HOUR, ended: 'failed' }] as const;
    await expectAlerts(seriesOf(aSchedule({ runs: first })), [
      [2 * HOUR + 45 * MINUTE, ['MemcachedBackupSlow']],
    ]);
    await expectAlerts(seriesOf(aSchedule({ runs: nights(6) })), [[3 * DAY, ['MemcachedBackupSlow']]], {
      ...DEFAULT_THRESHOLDS,
      maxDuration: 5,
    });
  });

  test('of the share of runs that succeed: what began in 7 days counts, and what was cleaned up meanwhile too', async () => {
    const hourly = (failures: number): ModelRun[] =>
      Array.from({ length: 100 }, (_, hour): ModelRun => {
        const ended = hour >= 60 && hour < 60 + failures ? 'failed' : 'complete';
        return { at: hour * HOUR + MINUTE, ended };
      });
    const share = (failures: number): InputSeries[] =>
      seriesOf(aSchedule({ runs: hourly(failures) })).map((each) => {
        // Jobs are gone two hours after they began.
        const [, index] = /job_name="memcached-backup-(\d+)"/.exec(each.series) ?? [];
        if (index === undefined) return each;
        const until = ((Number(index) + 2) * HOUR) / STEP;
        const values = each.values.split(' ').map((value, at) => (at > until ? '_' : value));
        return { ...each, values: values.join(' ') };
      });
    const at = 99 * HOUR + 30 * MINUTE;
    const thresholds = { ...DEFAULT_THRESHOLDS, maxAge: 10 * DAY };
    await expectAlerts(share(4), [[at, []]], thresholds);
    await expectAlerts(share(6), [[at, ['MemcachedBackupSuccessRate']]], thresholds);
  });

  test('of a store that fills up, by bytes, inodes or what a run saw; what was seen once counts for a day', async () => {
    const good = seriesOf(aSchedule({ runs: nights(3) }));
    const claim = { namespace: 'shop', persistentvolumeclaim: 'backups', node: 'a', job: 'kubelet' };
    const once = (value: number) => (now: number) => (now === DAY ? value : undefined);
    const kubelet = (free: number, inodesFree: number): InputSeries[] => [
      aSeries('kubelet_volume_stats_available_bytes', claim, once(free)),
      aSeries('kubelet_volume_stats_capacity_bytes', claim, once(100)),
      aSeries('kubelet_volume_stats_inodes_free', claim, once(inodesFree)),
      aSeries('kubelet_volume_stats_inodes', claim, once(100)),
    ];
    const tool = (free: number): InputSeries[] => {
      const labels = {
        namespace: 'shop',
        cronjob: 'memcached-backup',
        store: 'pvc',
        job: 'memcached-backup',
      };
      return [
        aSeries('memcached_backup_store_free_bytes', labels, () => free),
        aSeries('memcached_backup_store_capacity_bytes', labels, () => 100),
      ];
    };
    const full = ['MemcachedBackupStoreFilling'];
    const later = DAY + 12 * HOUR;
    await expectAlerts([...good, ...kubelet(50, 50), ...tool(50)], [[later, []]]);
    await expectAlerts([...good, ...kubelet(10, 50)], [[later, full]]);
    await expectAlerts([...good, ...kubelet(50, 10)], [[later, full]]);
    await expectAlerts([...good, ...kubelet(50, 50), ...tool(10)], [[later, full]]);
  });

  test('of a drill that failed, of none for long, and of one that took longer than its target', async () => {
    const watched = { ...WATCHED, drills: 'memcached-backup-drill' };
    const thresholds = { ...DEFAULT_THRESHOLDS, maxDrillAge: 5 * DAY };
    const drills = (runs: readonly ModelRun[]): InputSeries[] =>
      seriesOf({ namespace: 'shop', name: watched.drills, runs }).filter(
        ({ series }) => !series.includes('next_schedule'),
      );
    const good = seriesOf(aSchedule({ runs: nights(12) }));
    const failed = { at: 2 * DAY, ended: 'failed' } as const;
    const passed = { at: 3 * DAY, ended: 'complete' } as const;
    const held = [...good, ...drills([failed, passed])];
    // The rule of guides takes the drills' Jobs for those of backups.
    const expected: Expected[] = [
      [DAY, []],
      [2 * DAY + HOUR, ['MemcachedDrillFailed', 'Guide']],
      [3 * DAY + HOUR, ['Guide']],
      [8 * DAY + 3 * HOUR, ['MemcachedDrillTooOld', 'Guide']],
    ];
    await expectAlerts(held, expected, thresholds, watched);
    await expectAlerts(
      [...good, ...drills([])],
      [
        [4 * DAY, []],
        [6 * DAY + 2 * HOUR, ['MemcachedDrillTooOld']],
      ],
      thresholds,
      watched,
    );
    const report = (metric: string, release: string, value: number): InputSeries =>
      aSeries(`memcached_backup_drill_${metric}`, { namespace: 'shop', release, store: 's3' }, (now) =>
        now < DAY ? undefined : value,
      );
    const reports = [
      report('passed', 'cart', 1),
      report('last_passed_timestamp_seconds', 'cart', DAY),
      report('duration_seconds', 'cart', 1200),
      report('target_seconds', 'cart', 900),
      report('passed', 'users', 0),
      report('duration_seconds', 'users', 30),
    ];
    await expectAlerts(
      [...good, ...reports],
      [
        [2 * DAY, ['MemcachedDrillLate cart', 'MemcachedDrillFailed users']],
        [7 * DAY, ['MemcachedDrillLate cart', 'MemcachedDrillFailed users', 'MemcachedDrillTooOld cart']],
      ],
      thresholds,
    );
  });

  test("are not concerned by another CronJob's runs, whatever its Jobs are called", async () => {
    const theirs = nights(5, () => ({ ended: 'failed', of: 'memcached-backup-test', took: 1000 }));
    await expectAlerts(seriesOf(aSchedule({ runs: [...nights(5), ...theirs] })), [[4 * DAY, ['Guide']]]);
  });

  test('work the same where two kube-state-metrics are scraped', async () => {
    const runs = nights(6, (night) => (night === 4 ? { ended: 'failed', took: 600 } : { took: 300 }));
    const at = 4 * DAY + 3 * HOUR;
    const all = ['MemcachedBackupFailed', 'MemcachedBackupSlow', 'MemcachedBackupSuccessRate', 'Guide'];
    for (const scrapedBy of [1, 2]) await expectAlerts(seriesOf(aSchedule({ runs, scrapedBy })), [[at, all]]);
  });
});
