import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { orUndefined } from '../errors/or-undefined.ts';
import { displayName, nameOf, type ObjectRef } from '../model/kubernetes/object.ts';
import { DEFAULT_NAME } from '../model/schedule/schedule-spec.ts';
import { DRY_RUN_ENDED } from '../output/dry-run.ts';
import { targetInWords } from '../output/target-in-words.ts';
import { findSchedules } from '../schedule/find-schedules.ts';
import { type PlannedUninstall, planUninstall, uninstall } from '../schedule/uninstall.ts';
import { askFirst, assertCanAsk } from '../session/ask-first.ts';
import type { CommandContext } from '../session/context.ts';

export interface ScheduleUninstallOptions {
  /** --name */
  name?: string;
  /** Do not ask. */
  yes: boolean;
  dryRun: 'none' | 'client' | 'server';
}

const UNTOUCHED = 'nothing was deleted';

/**
 * `schedule uninstall`: shows what goes and what stays, asks, and deletes what `schedule install` made, but for the claim.
 * @returns ok, also where there is nothing; incomplete where something that the schedule has may not be seen.
 */
export async function scheduleUninstall(
  { name = DEFAULT_NAME, yes, dryRun }: ScheduleUninstallOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { io, signal } = context;
  const kube = await context.kube();
  const schedule = { namespace: kube.namespace, name };
  const planned = await interruptible(planUninstall(kube, schedule), signal, UNTOUCHED);
  for (const { ref, why } of planned.unseen) {
    io.warn(
      `whether ${placed(ref, schedule.namespace)} is there can't be seen, and it stays if it is: ${why}`,
    );
  }
  for (const ref of planned.foreign) {
    io.warn(`${placed(ref, schedule.namespace)} lacks the labels of this schedule: it stays`);
  }
  const exitCode = planned.unseen.some(({ isNeeded }) => isNeeded) ? ExitCode.incomplete : ExitCode.ok;
  if (planned.objects.length === 0) {
    io.say(`Nothing to uninstall: there is no schedule ${name} in namespace ${schedule.namespace}.`);
    const others = await orUndefined(() => findSchedules(kube, { namespace: schedule.namespace }));
    for (const other of others ?? []) io.say(`There is another: --name ${nameOf(other)}`);
    return exitCode;
  }
  for (const line of planLines(planned, schedule)) io.say(line);
  if (dryRun === 'client') {
    io.say(DRY_RUN_ENDED);
    return exitCode;
  }
  if (dryRun === 'none' && !yes) {
    assertCanAsk(io, UNTOUCHED);
    const question = `Delete ${planned.objects.length === 1 ? 'it' : `these ${planned.objects.length} objects`} in ${targetInWords({ context: kube.contextName, server: kube.server })}?`;
    await askFirst(io, question, { refusal: 'not uninstalled', untouched: UNTOUCHED });
  }
  const isDry = dryRun === 'server';
  await uninstall(kube, planned, {
    dryRun: isDry,
    signal,
    onDeleted: (ref) => io.out(`${displayName(ref)} deleted${isDry ? ' (server dry run)' : ''}`),
  });
  if (isDry) io.say(DRY_RUN_ENDED);
  return exitCode;
}

function planLines(
  { objects, running, location, claims, drillsInto }: PlannedUninstall,
  { namespace, name }: { namespace: string; name: string },
): string[] {
  const deleted = objects.map(({ ref }) => {
    const with_ = ref.kind === 'CronJob' ? ', with its Jobs, their pods and logs' : '';
    return `  ${placed(ref, namespace)}${with_}`;
  });
  const stopped = running.map(
    (job) => `  job/${job} is under way: it is stopped, and saves nothing any more`,
  );
  const kept = [
    `every backup${location === undefined ? '' : ` in ${location}`}`,
    ...claims.map((claim) => `persistentvolumeclaim/${claim}`),
    ...(drillsInto === undefined ? [] : [`namespace/${drillsInto}, in which drills were held`]),
  ];
  return [
    `Of the schedule ${name} of namespace ${namespace} these are deleted:`,
    ...deleted,
    ...stopped,
    `What stays: ${kept.join(', ')}.`,
  ];
}

function placed(ref: ObjectRef, home: string): string {
  const where = ref.namespace === undefined || ref.namespace === home ? '' : ` in namespace ${ref.namespace}`;
  return `${displayName(ref)}${where}`;
}
