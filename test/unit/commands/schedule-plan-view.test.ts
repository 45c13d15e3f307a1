import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schedulePlanLines } from '../../../src/commands/schedule-plan-view.ts';
import { refOf } from '../../../src/model/kubernetes/object.ts';
import { judgeCron } from '../../../src/model/schedule/cron-trouble.ts';
import { scheduleObjects } from '../../../src/model/schedule/schedule-objects.ts';
import type { ScheduledDrill, ScheduleSpec } from '../../../src/model/schedule/schedule-spec.ts';
import { PLAIN_STYLE } from '../../../src/output/style.ts';
import { runRules } from '../../../src/permissions/run-rules.ts';
import type { InstallPlan } from '../../../src/schedule/install-schedule.ts';
import type { PlannedScheduleObject } from '../../../src/schedule/plan-schedule.ts';
import { assertGolden } from '../golden.ts';

const NOW = new Date('2026-11-29T12:00:00Z');

async function aPlan(over: Partial<InstallPlan> = {}): Promise<InstallPlan> {
  const spec: ScheduleSpec = {
    name: 'memcached-backup',
    namespace: 'cache',
    cron: '0 2 * * *',
    timeZone: 'Etc/UTC',
    image: 'memcached-backup:0.1.0',
    account: { name: 'memcached-backup', isOurs: true, annotations: {} },
    args: ['backup', '-n', 'cache', '--store', 's3://b1/f', '--termination-log', '/dev/termination-log'],
    env: {},
    secrets: [{ use: 's3', name: 's3-keys' }],
    activeDeadlineSeconds: 1800,
    ttlSeconds: 691_200,
    rules: runRules({ namespace: 'cache', allNamespaces: false, isOnClaim: false }),
  };
  const cron = await judgeCron(spec, NOW);
  if (typeof cron === 'string') throw new assert.AssertionError({ message: cron });
  const planned = scheduleObjects(spec).map(
    (each): PlannedScheduleObject => ({ ...each, ref: refOf(each.object), action: 'create', changes: [] }),
  );
  return { spec, cron, planned, notes: [], replaced: undefined, nothingToDo: false, ...over };
}

const lines = (plan: InstallPlan): string => `${schedulePlanLines(plan, PLAIN_STYLE, NOW).join('\n')}\n`;

test('a new schedule: every object, and each permission with its reason', async () =>
  assertGolden('schedule/plan-new.txt', lines(await aPlan({ notes: ['a note of some kind'] }))));

test('one with drills: their namespace and what their account may do there', async () => {
  const plan = await aPlan();
  const rules = [
    {
      namespace: 'cache-drill',
      apiGroups: ['apps'],
      resources: ['deployments'],
      verbs: ['create'],
      why: 'the copy',
    },
  ];
  const drill: ScheduledDrill = {
    cron: '0 4 1 */3 *',
    into: { name: 'cache-drill', create: { labels: {} } },
    account: { name: 'memcached-backup-drill', isOurs: true, annotations: {} },
    args: [
      'drill',
      'cart',
      '-n',
      'cache',
      '--into',
      'cache-drill',
      '--target',
      '15m',
      '--store',
      's3://b1/f',
      '--yes',
    ],
    secrets: [],
    activeDeadlineSeconds: 3600,
    ttlSeconds: 31_104_000,
    rules,
  };
  const spec = { ...plan.spec, drill };
  const planned = scheduleObjects(spec).map((each): PlannedScheduleObject => {
    const ref = refOf(each.object);
    const isDrills = ref.name.includes('drill');
    return { ...each, ref, action: isDrills ? 'create' : 'keep', changes: [] };
  });
  assertGolden('schedule/plan-drills.txt', lines({ ...plan, spec, planned }));
});

test('one that changes: the fields alone; what is optional and forbidden is left out, and said', async () => {
  const plan = await aPlan();
  const planned = plan.planned.map((each): PlannedScheduleObject => {
    if (each.ref.kind === 'CronJob')
      return { ...each, action: 'change', changes: ['spec.schedule: "0 1 * * *" → "0 2 * * *"'] };
    if (each.ref.namespace === 'kube-system')
      return { ...each, action: 'skip', because: 'Error from server (Forbidden): roles is forbidden' };
    return { ...each, action: 'keep' };
  });
  assertGolden('schedule/plan-changed.txt', lines({ ...plan, planned }));
});

test('no name, note or value in a plan moves the terminal', async () => {
  const plan = await aPlan({ notes: ['a\u001b[2Jb'] });
  assert.doesNotMatch(lines(plan), /\u001b/);
});

test('where nothing is to change it says so', async () => {
  assert.match(lines(await aPlan({ nothingToDo: true })), /Nothing to change: all of it is there\./);
});
