import { advice } from '../advice/advice.ts';
import { kubectl, tool } from '../advice/command.ts';
import { examine } from '../doctor/examine.ts';
import { openDoctorContext } from '../doctor/open-doctor-context.ts';
import { orUndefined } from '../errors/or-undefined.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { CRON_JOBS } from '../kube/resource-types.ts';
import type { Finding } from '../model/findings/finding.ts';
import { valueAt } from '../model/json/json.ts';
import { type KubeObject, keyOf, nameOf, refOf, uidOf } from '../model/kubernetes/object.ts';
import { backupMaker, isScheduleOfTool } from '../model/schedule/backup-cronjob.ts';
import type { CommandContext } from '../session/context.ts';
import { FIELD_MANAGER } from './plan-schedule.ts';

/** A CronJob that backs up by a script, and that a schedule takes the place of. */
export interface ReplacedCronJob {
  cronJob: KubeObject;
  isSuspended: boolean;
  /** What is wrong with it, by doctor. */
  findings: Finding[];
}

/**
 * The CronJob that --replace names, and what doctor has to say of it.
 * @throws ToolError where there is none; where it is a schedule of this tool; where it backs nothing of memcached up.
 */
export async function findReplaced(name: string, context: CommandContext): Promise<ReplacedCronJob> {
  const kube = await context.kube();
  const { namespace } = kube;
  const untouched = 'nothing was changed';
  const cronJob = await kube.get({ apiVersion: 'batch/v1', kind: 'CronJob', namespace, name });
  if (cronJob === undefined)
    throw new ToolError(`cronjob/${name} does not exist in namespace ${namespace}`, {
      untouched,
      next: kubectl('get', 'cronjobs', '-n', namespace),
    });
  if (isScheduleOfTool(cronJob))
    throw new ToolError(`cronjob/${name} is a schedule of this tool: it is changed, not replaced`, {
      untouched,
      next: `the same command with --name ${name} in the place of --replace ${name}`,
    });
  const { doctor, checks } = await openDoctorContext(
    { releases: [], allNamespaces: false, areas: ['access', 'schedule', 'storage'], intervalMs: 0 },
    context,
  );
  const releases = doctor.releases.map((release) => release.name);
  if (backupMaker(cronJob, releases) === undefined)
    throw new ToolError(`cronjob/${name} in namespace ${namespace} does not back memcached up`, {
      untouched,
      next: advice`${kubectl('get', 'cronjob', name, '-n', namespace, '-o', 'yaml')} shows what it does`,
    });
  const key = keyOf(refOf(cronJob));
  const findings = (await examine(checks, doctor)).filter(
    ({ object, about }) => (object !== undefined && keyOf(object) === key) || about.includes(key),
  );
  return { cronJob, isSuspended: isSuspended(cronJob), findings };
}

/** Other CronJobs of the namespace that back memcached up and are not suspended; none where they may not be listed. */
export async function othersThatBackUp(kube: KubeClient, releases: readonly string[]): Promise<KubeObject[]> {
  const all = await orUndefined(() => kube.list(CRON_JOBS, { namespace: kube.namespace }));
  return (all ?? []).filter(
    (cronJob) =>
      !isScheduleOfTool(cronJob) && !isSuspended(cronJob) && backupMaker(cronJob, releases) !== undefined,
  );
}

/**
 * Whether a schedule can take its place: one that is suspended stays so, and then neither would back anything up.
 * @param own the schedule's CronJob as it is; undefined: it is made.
 * @throws ToolError where it can't.
 */
export function assertReplaces(replaced: ReplacedCronJob, own: KubeObject | undefined): void {
  if (own === undefined || replaced.isSuspended || !isSuspended(own)) return;
  const { namespace = '', name } = refOf(own);
  throw new ToolError(
    `the schedule ${name} is suspended, and stays so: in the place of ${cronJobName(replaced)} it would start no run`,
    {
      untouched: 'nothing was changed',
      next: advice`${tool('schedule', 'resume', '--name', name, '-n', namespace)}, then the same command again`,
    },
  );
}

/**
 * Suspends the very one that was explained. Nothing of it is deleted: it can be resumed, and its Jobs and their logs stay.
 * @throws ApiError, where somebody made another of its name meanwhile, too.
 */
export async function suspendReplaced(
  { cronJob }: ReplacedCronJob,
  kube: Pick<KubeClient, 'patch'>,
): Promise<void> {
  await kube.patch(
    refOf(cronJob),
    [
      { op: 'test', path: '/metadata/uid', value: uidOf(cronJob) ?? '' },
      { op: 'add', path: '/spec/suspend', value: true },
    ],
    { fieldManager: FIELD_MANAGER },
  );
}

function isSuspended(cronJob: KubeObject): boolean {
  return valueAt(cronJob, 'spec', 'suspend') === true;
}

/** "cronjob/memcached-backup" */
export function cronJobName({ cronJob }: Pick<ReplacedCronJob, 'cronJob'>): string {
  return `cronjob/${nameOf(cronJob)}`;
}
