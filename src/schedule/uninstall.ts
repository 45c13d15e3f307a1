import { brokenOff } from '../errors/interruptible.ts';
import { ToolError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { arrayAt, objectAt, stringAt } from '../model/json/json.ts';
import { displayName, type KubeObject, type ObjectRef, uidOf } from '../model/kubernetes/object.ts';
import { podTemplateOf } from '../model/kubernetes/workload.ts';
import {
  drillCronJobRef,
  drillObjectsThatCanBe,
  isOfSchedule,
  objectsThatCanBe,
} from '../model/schedule/schedule-objects.ts';
import { scheduledBackup } from '../model/schedule/scheduled-backup.ts';
import { drillsOf } from '../model/schedule/scheduled-drill.ts';
import { scheduledStore } from '../model/schedule/scheduled-store.ts';

const GOES_ON = 'the same command again, which goes on where this one ended';

/** What an uninstall deletes, and what it leaves. */
export interface PlannedUninstall {
  /** In the order in which they are deleted: the CronJob first, so that no run starts without what it needs. */
  objects: { ref: ObjectRef; uid: string }[];
  /** Of that name and somebody else's: they stay. */
  foreign: ObjectRef[];
  /** Whether they are there may not be seen: they stay. isNeeded: this schedule has them, as far as can be told. */
  unseen: { ref: ObjectRef; why: string; isNeeded: boolean }[];
  /** Jobs that are under way, and end with the CronJob. */
  running: string[];
  /** Where the backups lie that stay; undefined where nothing tells. */
  location: string | undefined;
  /** The claims that the schedule's pods mount, which stay. */
  claims: string[];
  /** The namespace of its drills, which stays; undefined where it holds none. */
  drillsInto: string | undefined;
}

/**
 * What there is of a schedule, by the names that an install gives and the labels that it writes. Reads only. RBAC: get on each
 * kind; what may not be read is told.
 */
export async function planUninstall(
  kube: Pick<KubeClient, 'get'>,
  schedule: { namespace: string; name: string },
): Promise<PlannedUninstall> {
  const drill = await look(kube, drillCronJobRef(schedule));
  const isOwn = drill.object !== undefined && isOfSchedule(drill.object, schedule.name);
  const into = isOwn ? drillsOf(drill.object!).into : undefined;
  const refs = [...objectsThatCanBe(schedule), ...(isOwn ? drillObjectsThatCanBe(schedule, into) : [])];
  const found = await Promise.all(refs.map((ref) => look(kube, ref)));
  const own = found.flatMap(({ ref, object }) => {
    const uid = object === undefined ? undefined : uidOf(object);
    return object !== undefined && uid !== undefined && isOfSchedule(object, schedule.name)
      ? [{ ref, uid, object }]
      : [];
  });
  const cronJob = own.find(({ ref }) => ref.kind === 'CronJob' && ref.name === schedule.name)?.object;
  const backup = cronJob === undefined ? undefined : scheduledBackup(cronJob);
  const isEverywhere = backup !== undefined && backup.namespace === undefined;
  return {
    objects: own.map(({ ref, uid }) => ({ ref, uid })),
    foreign: found
      .filter(({ object }) => object !== undefined && !isOfSchedule(object, schedule.name))
      .map(({ ref }) => ref),
    unseen: found.flatMap(({ ref, why }) =>
      why === undefined ? [] : [{ ref, why, isNeeded: isNeeded(ref, isEverywhere) }],
    ),
    running: arrayAt(cronJob, 'status', 'active').flatMap((each) => stringAt(each, 'name') ?? []),
    location: cronJob === undefined ? undefined : scheduledStore(cronJob)?.location,
    claims: cronJob === undefined ? [] : claimsOf(cronJob),
    drillsInto: into,
  };
}

/** A schedule of one namespace has nothing cluster-wide; in kube-system it may have a Role, without which it works. */
function isNeeded({ kind, name }: ObjectRef, isEverywhere: boolean): boolean {
  return kind.startsWith('Cluster') ? isEverywhere : !name.includes(':');
}

async function look(
  kube: Pick<KubeClient, 'get'>,
  ref: ObjectRef,
): Promise<{ ref: ObjectRef; object?: KubeObject; why?: string }> {
  try {
    const object = await kube.get(ref);
    return object === undefined ? { ref } : { ref, object };
  } catch (error) {
    // Without sight of the CronJob its account must not go.
    if (!(error instanceof ApiError) || !error.lacksPermission || ref.kind === 'CronJob') throw error;
    return { ref, why: error.message };
  }
}

function claimsOf(cronJob: KubeObject): string[] {
  return arrayAt(objectAt(podTemplateOf(cronJob), 'spec'), 'volumes').flatMap(
    (volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') ?? [],
  );
}

/**
 * Deletes what was planned, each object only as it was seen; Jobs and pods go with the CronJob, in the background.
 * @param onDeleted told after each.
 * @throws ToolError naming the object at which it ended, InterruptedError: the same command goes on.
 */
export async function uninstall(
  kube: Pick<KubeClient, 'delete'>,
  { objects }: PlannedUninstall,
  {
    dryRun,
    signal,
    onDeleted,
  }: { dryRun: boolean; signal: AbortSignal; onDeleted: (ref: ObjectRef) => void },
): Promise<void> {
  for (const [index, { ref, uid }] of objects.entries()) {
    const done = objects.slice(0, index).map((each) => displayName(each.ref));
    const soFar = dryRun || done.length === 0 ? 'nothing was deleted' : `deleted so far: ${done.join(', ')}`;
    if (signal.aborted) throw brokenOff(signal, 'the uninstall', { untouched: soFar, next: GOES_ON });
    try {
      await kube.delete(ref, { uid, dryRun });
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      throw new ToolError(
        `${displayName(ref)} could not be deleted: ${error.message}`,
        {
          cause: error,
          untouched: soFar,
          next: error.next ?? GOES_ON,
        },
        error.exitCode,
      );
    }
    onDeleted(ref);
  }
}
