import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { arrayAt, stringAt } from '../model/json/json.ts';
import { foreignManager } from '../model/kubernetes/foreign-manager.ts';
import { nameOf } from '../model/kubernetes/object.ts';
import { inBothZones, wallClock } from '../model/schedule/wall-clock.ts';
import { drillsKey, findDrills, findSchedule } from '../schedule/find-schedules.ts';
import { setSuspended } from '../schedule/suspend.ts';
import type { CommandContext } from '../session/context.ts';

export interface ScheduleSuspendOptions {
  /** --name */
  name?: string;
  /** False: resume it. */
  suspend: boolean;
}

/** `schedule suspend` and `schedule resume`. A second time changes nothing. @returns ok. */
export async function scheduleSuspend(
  options: ScheduleSuspendOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { io, signal, spelling } = context;
  const kube = await context.kube();
  const { namespace } = kube;
  const looking = findSchedule(kube, { namespace, name: options.name });
  const cronJob = await interruptible(looking, signal, 'nothing was changed');
  const { changed, next, madeUpFor } = await setSuspended(kube, cronJob, options.suspend, context.now());
  const name = nameOf(cronJob);
  const zone = stringAt(cronJob, 'spec', 'timeZone');
  io.say(`cronjob.batch/${name} ${changed ? '' : 'is already '}${options.suspend ? 'suspended' : 'resumed'}`);
  const drills = (await findDrills(kube, namespace)).get(drillsKey(cronJob));
  if (drills !== undefined) {
    const own = await setSuspended(kube, drills, options.suspend, context.now());
    io.say(
      `cronjob.batch/${nameOf(drills)} ${own.changed ? '' : 'is already '}${options.suspend ? 'suspended' : 'resumed'}`,
    );
  }
  const manager = changed ? foreignManager(cronJob) : undefined;
  if (manager !== undefined) {
    io.warn(`${manager.name} manages it, and may put it back: change it there, or ${manager.suspend}`);
  }
  if (!options.suspend) {
    if (madeUpFor !== undefined)
      io.say(`The run that was due at ${wallClock(madeUpFor, zone)} is made up for now.`);
    io.say(next === undefined ? 'No run is ever due.' : `Next run: ${inBothZones(next, zone)}.`);
    return ExitCode.ok;
  }
  for (const active of arrayAt(cronJob, 'status', 'active')) {
    io.say(`job/${stringAt(active, 'name')} is under way, and goes on.`);
  }
  const care = (verb: string): string =>
    spellCommand(tool('schedule', verb, '-n', namespace, '--name', name), spelling);
  if (next !== undefined) io.say(`The run of ${inBothZones(next, zone)} will not start.`);
  io.say(`By hand it still runs: ${care('run')}`);
  io.say(`Go on: ${care('resume')}`);
  return ExitCode.ok;
}
