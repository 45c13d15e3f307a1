import { advice } from '../advice/advice.ts';
import { type Command, placeholder, tool, type Word } from '../advice/command.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { CRON_JOBS } from '../kube/resource-types.ts';
import { type KubeObject, nameOf, refOf } from '../model/kubernetes/object.ts';
import { backupMaker, isDrillOfTool, isScheduleOfTool } from '../model/schedule/backup-cronjob.ts';
import { drillName } from '../model/schedule/schedule-spec.ts';
import { DRILL_SELECTOR } from '../model/schedule/scheduled-store.ts';

/** Which schedules are meant. */
export interface WantedSchedules {
  /** undefined: of every namespace. */
  namespace: string | undefined;
  /** --name: this one. */
  name?: string | undefined;
}

/**
 * The CronJobs that `schedule install` made, by namespace and name. RBAC: list on cronjobs.
 * @throws ToolError where there is none, or none of that name.
 */
export async function findSchedules(
  kube: Pick<KubeClient, 'list'>,
  { namespace, name }: WantedSchedules,
): Promise<KubeObject[]> {
  const cronJobs = await kube.list(CRON_JOBS, namespace === undefined ? {} : { namespace });
  const found = cronJobs
    .filter((cronJob) => isScheduleOfTool(cronJob) && (name === undefined || nameOf(cronJob) === name))
    .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  if (found.length === 0) throw noSchedule(cronJobs, { namespace, name });
  return found;
}

/**
 * The one that is meant.
 * @throws ToolError where there is none, or several are meant.
 */
export async function findSchedule(
  kube: Pick<KubeClient, 'list'>,
  wanted: WantedSchedules & { namespace: string },
): Promise<KubeObject> {
  const [first, ...others] = await findSchedules(kube, wanted);
  if (others.length === 0) return first!;
  const names = [first!, ...others].map(nameOf);
  throw new ToolError(`namespace ${wanted.namespace} has several schedules: ${names.join(', ')}`, {
    untouched: 'nothing was changed',
    next: `name one of them: --name ${names[0]}`,
  });
}

/** The CronJobs of the drills of schedules, by what {@link drillsKey} gives for both. RBAC: list on cronjobs. */
export async function findDrills(
  kube: Pick<KubeClient, 'list'>,
  namespace: string | undefined,
): Promise<Map<string, KubeObject>> {
  const place = namespace === undefined ? {} : { namespace };
  const cronJobs = await kube.list(CRON_JOBS, { ...place, labelSelector: DRILL_SELECTOR });
  return new Map(cronJobs.filter(isDrillOfTool).map((cronJob) => [placeOf(cronJob), cronJob]));
}

/** @param schedule its CronJob. */
export function drillsKey(schedule: KubeObject): string {
  return `${refOf(schedule).namespace ?? ''}/${drillName(nameOf(schedule))}`;
}

function placeOf(cronJob: KubeObject): string {
  return `${refOf(cronJob).namespace ?? ''}/${nameOf(cronJob)}`;
}

/** Those that others made are named: `schedule install` can take their place. */
function noSchedule(cronJobs: readonly KubeObject[], { namespace, name }: WantedSchedules): ToolError {
  const where = namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
  const what = name === undefined ? 'no schedule' : `no schedule ${name}`;
  const schedules = cronJobs.filter(isScheduleOfTool).map(nameOf);
  const foreign = cronJobs.find(
    (cronJob) =>
      !isScheduleOfTool(cronJob) &&
      (name === undefined ? backupMaker(cronJob) !== undefined : nameOf(cronJob) === name),
  );
  const install = (...words: Word[]): Command =>
    tool('schedule', 'install', ...(namespace === undefined ? [] : ['-n', namespace]), ...words);
  const store = ['--store', placeholder('STORE')];
  if (foreign !== undefined) {
    const { namespace: place = '', name: other } = refOf(foreign);
    const at = namespace === undefined ? ` in namespace ${place}` : '';
    return new ToolError(
      `there is ${what} in ${where}; cronjob/${other}${at} is there, which schedule install did not make`,
      { next: advice`put a schedule in its place: ${install('--replace', other, ...store)}` },
    );
  }
  if (name !== undefined && schedules.length > 0) {
    return new ToolError(`there is ${what} in ${where}: there are ${schedules.join(', ')}`, {
      next: `name one of them: --name ${schedules[0]}`,
    });
  }
  return new ToolError(`there is ${what} in ${where}`, {
    next: advice`make one: ${install(...store, '--cron', '0 2 * * *')}`,
  });
}
