import { tool } from '../advice/command.ts';
import { orUndefined } from '../errors/or-undefined.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { withDeadline } from '../kube/deadline.ts';
import { CRON_JOBS } from '../kube/resource-types.ts';
import { nameOf } from '../model/kubernetes/object.ts';
import { type WatchedSchedule, watchedSchedule } from '../model/metrics/watched-schedule.ts';
import { DEFAULT_NAME } from '../model/schedule/schedule-spec.ts';
import { SCHEDULE_SELECTOR } from '../model/schedule/scheduled-store.ts';
import type { CommandContext } from '../session/context.ts';
import { drillsKey, findDrills } from './find-schedules.ts';

/** Which schedules are to be watched. */
export interface SchedulesToWatch {
  /** --name: one of the namespace, be it there or not. */
  name?: string;
  /** -n, for where no cluster can tell. */
  namespace?: string;
  allNamespaces: boolean;
}

/** Alerts can be written without the cluster, and must not wait for it. */
const LOOK_MS = 5000;

/**
 * The schedules of this tool that the cluster has, by namespace and name. Where it has none, or can't be asked, the one of --name, or
 * the one that an install without --name makes: said, since an alert on a schedule that is not there fires.
 * @throws ToolError where every namespace is meant, and there is none or nobody can tell.
 */
export async function watchedSchedules(
  wanted: SchedulesToWatch,
  context: CommandContext,
): Promise<WatchedSchedule[]> {
  const { name, allNamespaces } = wanted;
  const kube = await orUndefined(context.kube);
  const namespace = kube?.namespace ?? wanted.namespace ?? 'default';
  const where = allNamespaces ? 'any namespace' : `namespace ${namespace}`;
  const asked = kube === undefined ? NOBODY : await schedulesIn(kube, allNamespaces ? undefined : namespace);
  const found = asked.found.filter((each) => name === undefined || each.name === name);
  if (found.length > 0) return found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const named = name === undefined ? '' : ` of the name ${name}`;
  const why =
    asked.why === undefined
      ? `there is no schedule of this tool${named} in ${where}`
      : `whether there is a schedule${named} in ${where} can't be told: ${asked.why}`;
  if (allNamespaces)
    throw new ToolError(why, {
      untouched: 'no alerts were printed',
      next: tool('schedule', 'install', '--help'),
    });
  const assumed = { namespace, name: name ?? DEFAULT_NAME, claims: [] };
  context.io.warn(`${why}; this is for cronjob/${assumed.name} in ${namespace}`);
  return [assumed];
}

interface Asked {
  found: WatchedSchedule[];
  /** Why nobody knows. */
  why?: string;
}

const NOBODY: Asked = { found: [], why: 'no cluster is configured' };

async function schedulesIn(kube: KubeClient, namespace: string | undefined): Promise<Asked> {
  const place = namespace === undefined ? {} : { namespace };
  const client = withDeadline(kube, LOOK_MS);
  try {
    const [cronJobs, drills] = await Promise.all([
      client.list(CRON_JOBS, { labelSelector: SCHEDULE_SELECTOR, ...place }),
      findDrills(client, namespace),
    ]);
    return {
      found: cronJobs.map((cronJob) => {
        const held = drills.get(drillsKey(cronJob));
        return { ...watchedSchedule(cronJob), ...(held === undefined ? {} : { drills: nameOf(held) }) };
      }),
    };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { found: [], why: error.message };
  }
}

function keyOf({ namespace, name }: WatchedSchedule): string {
  return `${namespace}/${name}`;
}
