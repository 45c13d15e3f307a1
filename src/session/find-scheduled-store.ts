import { shellWord } from '../advice/shell-word.ts';
import { UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { CRON_JOBS } from '../kube/resource-types.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { SCHEDULE_SELECTOR, type ScheduledStore, scheduledStore } from '../model/schedule/scheduled-store.ts';
import { accessFlags, ENCRYPTIONS, type S3Access } from '../store/s3/s3-access.ts';

/** Commands that read a folder alone work without the cluster, and must not wait for it. */
const LONGEST_MS = 3000;

/** A schedule's store, as it is opened. */
export interface FoundStore {
  location: string;
  s3: S3Access;
  /** The CronJob's name. */
  cronJob: string;
}

/**
 * The store that a schedule of this tool uses in the namespace of the current connection. Undefined where there is none, and
 * where that can't be told: no cluster in reach, or no permission to list CronJobs.
 * @param onLate told where the cluster takes too long to answer.
 * @throws UsageError where schedules use several.
 */
export async function findScheduledStore(
  kube: () => Promise<KubeClient>,
  onLate: () => void,
): Promise<FoundStore | undefined> {
  const cronJobs = await inTime(schedulesOf(kube), onLate).catch(() => []);
  const found = cronJobs.map(scheduledStore).filter((each) => each !== undefined);
  const [first] = found;
  if (first === undefined) return undefined;
  const other = found.find((each) => keyOf(each) !== keyOf(first));
  if (other !== undefined) {
    throw new UsageError(
      `the schedules of this namespace use different stores: cronjob/${first.cronJob} ${first.location}, cronjob/${other.cronJob} ${other.location}`,
      {
        untouched: 'nothing was read or written',
        next: `name one of them: --store ${shellWord(first.location)}${accessFlags(accessOfScheduled(first))
          .map((word) => ` ${shellWord(word)}`)
          .join('')}`,
      },
    );
  }
  return { location: first.location, s3: accessOfScheduled(first), cronJob: first.cronJob };
}

/**
 * How a schedule reaches its store, where that lies in S3.
 * @throws UsageError for an encryption that is not known here: what is saved would lack it.
 */
export function accessOfScheduled({ cronJob, location, flags }: ScheduledStore): S3Access {
  const [endpoint, kmsKeyId] = [flags.get('s3-endpoint'), flags.get('s3-sse-kms-key-id')];
  const asked = flags.get('s3-sse');
  const sse = ENCRYPTIONS.find((each) => each === asked);
  if (sse !== asked) {
    throw new UsageError(`cronjob/${cronJob} asks for --s3-sse ${asked}, which this version does not know`, {
      untouched: 'nothing was read or written',
      next: `name the store, with an encryption of these: ${ENCRYPTIONS.join(', ')}: --store ${shellWord(location)}`,
    });
  }
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(sse === undefined ? {} : { sse }),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
  };
}

async function schedulesOf(kube: () => Promise<KubeClient>): Promise<KubeObject[]> {
  const client = await kube();
  return client.list(CRON_JOBS, { namespace: client.namespace, labelSelector: SCHEDULE_SELECTOR });
}

async function inTime(work: Promise<KubeObject[]>, onLate: () => void): Promise<KubeObject[]> {
  const { promise, resolve } = Promise.withResolvers<KubeObject[]>();
  const timer = setTimeout(() => {
    onLate();
    resolve([]);
  }, LONGEST_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function keyOf({ location, flags }: ScheduledStore): string {
  return JSON.stringify([location, [...flags].sort()]);
}
