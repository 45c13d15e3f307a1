import type { Finding } from '../model/findings/finding.ts';
import type { Json } from '../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../model/kubernetes/object.ts';
import type { CronSchedule } from '../model/schedule/cron-schedule.ts';
import type { ScheduleSpec } from '../model/schedule/schedule-spec.ts';
import { inBothZones } from '../model/schedule/wall-clock.ts';
import type { Style } from '../output/io.ts';
import { printableLine } from '../output/printable.ts';
import type { InstallPlan } from '../schedule/install-schedule.ts';
import type { PlannedScheduleObject } from '../schedule/plan-schedule.ts';

/** Changed fields shown of one object; -o json has all. */
const MAX_CHANGES = 12;

/** What an install would do, for a person, a line an element. */
export function schedulePlanLines(plan: InstallPlan, style: Style, now: Date): string[] {
  const { spec, cron, planned, replaced, notes, nothingToDo } = plan;
  const lines = [
    style.bold(`Schedule ${spec.name} in namespace ${spec.namespace}: ${spec.cron} (${spec.timeZone})`),
    `  runs     ${printableLine(spec.args.slice(0, -2).join(' '))}`,
    `  image    ${printableLine(spec.image)}`,
    `  next     ${nextRuns(cron.schedule, spec, now)}`,
    ...(spec.drill === undefined
      ? []
      : [`  drills   ${printableLine(`${spec.drill.cron}: ${spec.drill.args.join(' ')}`)}`]),
  ];
  if (nothingToDo) return [...lines, ...noteLines(notes, style), '  Nothing to change: all of it is there.'];
  for (const each of planned) if (each.action !== 'keep') lines.push(...objectLines(each, style));
  const kept = planned.filter(({ action }) => action === 'keep').length;
  if (kept > 0)
    lines.push(style.dim(`  keep     ${kept === 1 ? '1 object as it is' : `${kept} objects as they are`}`));
  if (replaced !== undefined) lines.push(...replacedLines(replaced, style));
  return [...lines, ...noteLines(notes, style)];
}

/** In the schedule's zone and, where that is another, in that of whoever reads it. */
export function nextRuns(
  schedule: CronSchedule,
  { timeZone }: Pick<ScheduleSpec, 'timeZone'>,
  now: Date,
): string {
  const next = schedule.next(now);
  return next === undefined ? 'never' : inBothZones(next, timeZone);
}

function objectLines(
  { ref, action, why, changes, because, role }: PlannedScheduleObject,
  style: Style,
): string[] {
  const paint = {
    create: style.green,
    change: style.yellow,
    delete: style.red,
    skip: style.dim,
    keep: style.dim,
  }[action];
  const where = ref.namespace === undefined ? ' (cluster-wide)' : '';
  const reason = action === 'skip' ? `left out, it is optional: ${because ?? ''}` : why;
  const lines = [`  ${paint(action.padEnd(8))} ${printableLine(`${displayName(ref)}${where}: ${reason}`)}`];
  const shown = changes.slice(0, MAX_CHANGES).map((change) => `             ${printableLine(change)}`);
  if (changes.length > MAX_CHANGES) shown.push(`             and ${changes.length - MAX_CHANGES} more`);
  return [...lines, ...shown, ...(action === 'create' ? grantLines(role) : [])];
}

/** Each rule with its reason, those of one reason together: what is granted is never hidden behind a count. */
function grantLines(role: PlannedScheduleObject['role']): string[] {
  const groups = Map.groupBy(role?.rules ?? [], ({ why, rule }) => JSON.stringify([why, rule.verbs]));
  return [...groups.values()].flatMap((group) => {
    const resources = group.flatMap(({ rule }) => {
      const named = strings(rule.resourceNames);
      return strings(rule.resources).map((each) =>
        named.length === 0 ? each : `${each}/${named.join(` ${each}/`)}`,
      );
    });
    const verbs = strings(group[0]?.rule.verbs).join(', ');
    return [
      `             ${printableLine(`grants ${verbs} ${resources.join(', ')}`)}`,
      `               ${printableLine(group[0]?.why ?? '')}`,
    ];
  });
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function replacedLines(
  { cronJob, isSuspended, findings }: { cronJob: KubeObject; isSuspended: boolean; findings: Finding[] },
  style: Style,
): string[] {
  const what = displayName(refOf(cronJob));
  const fate = isSuspended
    ? 'is suspended already, and stays'
    : 'is suspended once this schedule works; nothing of it is deleted';
  return [
    `  ${style.yellow('replace ')} ${printableLine(`${what}: ${fate}`)}`,
    ...findings.map(({ code, summary, object }) =>
      printableLine(
        `             ${code} ${object === undefined ? '' : `${displayName(object)} `}${summary}`,
      ),
    ),
  ];
}

function noteLines(notes: readonly string[], style: Style): string[] {
  return notes.map((note) => style.yellow(`  Note: ${printableLine(note)}`));
}
