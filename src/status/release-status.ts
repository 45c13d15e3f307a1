import { healthOf } from '../backup/health.ts';
import { secretsOfSource } from '../backup/release-secrets.ts';
import { readSource } from '../backup/source.ts';
import { sideOfBackup, sideOfLive } from '../diff/difference-sides.ts';
import type { DoctorContext, ExaminedRelease } from '../doctor/doctor-context.ts';
import { releaseDrills } from '../doctor/release-drills.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { PodObservation } from '../memcached/observe-pods.ts';
import { hitRatioOf } from '../model/cache/cache-counters.ts';
import type { CheckedBox } from '../model/checklist/checklist.ts';
import { isHelmChanged } from '../model/helm/helm-difference.ts';
import { valueAt } from '../model/json/json.ts';
import { type KubeObject, nameOf } from '../model/kubernetes/object.ts';
import { isHealthy, whyUnhealthy } from '../model/records/backup-health.ts';
import { timeOfId } from '../model/records/backup-id.ts';
import type { DrillReport } from '../model/records/drill-report.ts';
import { drillVerdict } from '../model/records/drill-verdict.ts';
import { type Difference, differenceBetween } from '../model/release/difference.ts';
import type { ReleaseName } from '../model/release/discover.ts';
import { type BackupMaker, backupMaker } from '../model/schedule/backup-cronjob.ts';
import { readSchedule } from '../model/schedule/cron-schedule.ts';
import type { CommandContext } from '../session/context.ts';
import type { ClusterInUse } from '../store/cluster-name.ts';
import { latestBackups } from '../store/find/latest-backups.ts';
import type { ListedBackup } from '../store/store.ts';
import { type RolloutsState, rolloutsOf } from './rollout-state.ts';
import type { StoreTotal } from './store-total.ts';

/** How one release is doing, at a glance. */
export interface ReleaseStatus {
  namespace: string;
  release: string;
  /** The newest complete, undamaged backup of this cluster; undefined where there is none, or nobody knows. */
  backup: NewestBackup | undefined;
  /** False where the store could not be looked into. */
  storeRead: boolean;
  /** The last drill of it; undefined where there was none, or nobody knows. */
  drill: DrillReport | undefined;
  /** When the last drill began that passed within its target, as far as the last few tell. */
  drillPassedAt: string | undefined;
  /** The backup CronJob of the namespace that is due next. */
  schedule: NextRun | undefined;
  /** What differs from that backup; undefined without one. */
  drift: Drift | undefined;
  pods: { ready: number; wanted: number };
  /** gone: there are backups of it, and nothing of it is in the cluster. */
  state: RolloutsState['state'] | 'gone';
  /** Where a rollout is not done, how far it is and why it does not get on, a line each. */
  rollout: string[];
  /** Of the reads between two looks; undefined where there were none. */
  hits: { ratio: number; reads: number; seconds: number } | undefined;
  /** The same for every release; undefined where nobody asked, or knows. */
  store: StoreTotal | undefined;
  /** The backup guide's checklist; absent where nobody asked. */
  checklist?: CheckedBox[];
}

export interface NewestBackup {
  id: string;
  at: Date;
  location: string;
  /** Of its files but backup.json. */
  bytes: number;
  /** How many are recorded. */
  objects: number;
  verifiedAt: string | undefined;
  /** Why the release was not healthy when it was taken; absent where it was. */
  unhealthy?: string[];
}

export interface NextRun {
  cronJob: string;
  maker: BackupMaker;
  next: Date | undefined;
}

export interface Drift {
  verdict: Difference['verdict'];
  objects: number;
  /** Settings on which the pods differ from the backup's. */
  settings: string[];
  helm: boolean;
}

/** What the store says of a release. */
export interface SeenInStore {
  /** undefined where it could not be read. */
  backups: readonly ListedBackup[] | undefined;
  /** The last of the release, the newest first. */
  drills: readonly DrillReport[] | undefined;
}

/** A backup that a restore would take, and a CronJob of this tool that makes the next one. */
export function isProtected({ backup, schedule }: ReleaseStatus): 'yes' | 'by hand' | 'no' {
  if (backup === undefined) return 'no';
  return schedule?.maker === 'tool' && schedule.next !== undefined ? 'yes' : 'by hand';
}

/**
 * Everything that the status of a release says. Reads only. The drift is `diff`'s own comparison without its dry
 * runs: what a newer API server fills in by itself would count.
 * @param seen in the store: its backups, undefined where it could not be read, and the last drills of the release.
 */
export async function readStatus(
  release: ExaminedRelease,
  doctor: DoctorContext,
  { backups, drills }: SeenInStore,
  context: CommandContext,
): Promise<Omit<ReleaseStatus, 'store' | 'checklist'>> {
  const { namespace, name, live } = release;
  // The second look at the pods is for the hits alone, and has time meanwhile.
  const observed = release.observe();
  const [pods, cluster, cronJobs] = await Promise.all([
    release.settings(),
    doctor.reader.try("the cluster's identity", () => doctor.cluster()),
    doctor.reader.list('batch/v1', 'CronJob', namespace),
  ]);
  const newest = newestWhole(backups ?? [], { cluster, namespace, release: name });
  const { podsReady, podsWanted } = healthOf(live, pods);
  const { state, why } = rolloutsOf(live);
  return {
    namespace,
    release: name,
    state,
    rollout: why,
    backup: newest === undefined ? undefined : inStatus(newest),
    storeRead: backups !== undefined,
    ...lastDrill(drills),
    schedule: await nextRun(cronJobs ?? [], name, doctor.now),
    drift: newest === undefined ? undefined : await driftSince(newest, release, pods, context),
    pods: { ready: podsReady, wanted: podsWanted },
    hits: hitsOf(await observed),
  };
}

/** The row of a release that is gone from the cluster. @param backups those of its namespace. */
export async function statusOfGone(
  { namespace, release }: ReleaseName,
  doctor: DoctorContext,
  backups: readonly ListedBackup[],
): Promise<Omit<ReleaseStatus, 'store' | 'checklist'>> {
  const [cluster, cronJobs, drills] = await Promise.all([
    doctor.reader.try("the cluster's identity", () => doctor.cluster()),
    doctor.reader.list('batch/v1', 'CronJob', namespace),
    releaseDrills({ namespace, name: release }, doctor, backups),
  ]);
  const newest = newestWhole(backups, { cluster, namespace, release });
  return {
    namespace,
    release,
    state: 'gone',
    rollout: [],
    backup: newest === undefined ? undefined : inStatus(newest),
    storeRead: true,
    ...lastDrill(drills),
    schedule: await nextRun(cronJobs ?? [], release, doctor.now),
    drift: undefined,
    pods: { ready: 0, wanted: 0 },
    hits: undefined,
  };
}

/** The newest first. */
function lastDrill(
  drills: readonly DrillReport[] | undefined,
): Pick<ReleaseStatus, 'drill' | 'drillPassedAt'> {
  const passed = drills?.find((report) => drillVerdict(report) === 'passed');
  return { drill: drills?.[0], drillPassedAt: passed?.at };
}

function inStatus({ address, location, summary, verification }: ListedBackup): NewestBackup {
  return {
    id: address.id,
    at: new Date(timeOfId(address.id)),
    location,
    bytes: summary?.bytes ?? 0,
    objects: summary?.objects ?? 0,
    verifiedAt: verification?.at,
    ...(summary === undefined || isHealthy(summary) ? {} : { unhealthy: whyUnhealthy(summary) }),
  };
}

/** What `latest` is of a release. */
export function newestWhole(
  backups: readonly ListedBackup[],
  wanted: { cluster: ClusterInUse | undefined; namespace: string; release: string },
): ListedBackup | undefined {
  const ofRelease = backups.filter(
    ({ address }) => address.namespace === wanted.namespace && address.release === wanted.release,
  );
  return latestBackups(ofRelease, wanted.cluster)[0];
}

/** The CronJob of a namespace that backs up next; this tool's go before scripts. */
export async function nextRun(
  cronJobs: readonly KubeObject[],
  release: string,
  now: Date,
): Promise<NextRun | undefined> {
  const runs = cronJobs
    .filter((cronJob) => valueAt(cronJob, 'spec', 'suspend') !== true)
    .map(async (cronJob): Promise<NextRun[]> => {
      const maker = backupMaker(cronJob, [release]);
      if (maker === undefined) return [];
      return [{ cronJob: nameOf(cronJob), maker, next: (await readSchedule(cronJob))?.next(now) }];
    });
  const rank = ({ maker, next }: NextRun): number =>
    (maker === 'tool' ? 0 : Number.MAX_SAFE_INTEGER / 2) + (next?.getTime() ?? Number.MAX_SAFE_INTEGER / 4);
  return (await Promise.all(runs)).flat().toSorted((a, b) => rank(a) - rank(b))[0];
}

async function driftSince(
  { address }: ListedBackup,
  { live }: ExaminedRelease,
  pods: PodObservation['settings'][],
  context: CommandContext,
): Promise<Drift | undefined> {
  try {
    const source = await readSource(await (await context.store()).open(address));
    context.io.mask(secretsOfSource(source));
    return driftOf(differenceBetween(sideOfBackup(source), sideOfLive(live, pods)));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    context.io.warn(`${address.release}@${address.id} could not be compared: ${error.message}`);
    return undefined;
  }
}

function driftOf({ verdict, objects, settings, helm }: Difference): Drift {
  return {
    verdict,
    objects: objects.length,
    settings: [...new Set(settings.rows.filter(({ differs }) => differs).map(({ setting }) => setting))],
    helm: isHelmChanged(helm),
  };
}

function hitsOf(observed: readonly PodObservation[]): ReleaseStatus['hits'] {
  const grown = (key: string): number =>
    observed.reduce((sum, { before, after }) => {
      const growth = Number(after[key]) - Number(before[key]);
      return growth > 0 ? sum + growth : sum;
    }, 0);
  const [hits, misses] = [grown('get_hits'), grown('get_misses')];
  const ratio = hitRatioOf({ hits, misses });
  if (ratio === undefined) return undefined;
  return {
    ratio,
    reads: hits + misses,
    seconds: Math.max(...observed.map(({ seconds }) => seconds)),
  };
}
