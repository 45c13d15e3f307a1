import { REQUEST_DEADLINE_MS } from '../doctor/open-doctor-context.ts';
import { backupSchedules, podsOfJob } from '../doctor/schedule/backup-schedule.ts';
import { judgeDue } from '../doctor/schedule/due.ts';
import { judgeRuns } from '../doctor/schedule/newest-run.ts';
import { mapLimited } from '../errors/map-limited.ts';
import { withDeadline } from '../kube/deadline.ts';
import type { Finding } from '../model/findings/finding.ts';
import { stringAt, valueAt } from '../model/json/json.ts';
import { eventsOf } from '../model/kubernetes/event.ts';
import { type KubeObject, nameOf, refOf, uidOf } from '../model/kubernetes/object.ts';
import { readSchedule } from '../model/schedule/cron-schedule.ts';
import { runsOf, type ScheduledRun } from '../model/schedule/run-history.ts';
import { drillsOf } from '../model/schedule/scheduled-drill.ts';
import { secretValuesOf, withoutNames } from '../model/secrets/secrecy.ts';
import type { CommandContext } from '../session/context.ts';
import { drillsKey, findDrills, findSchedules } from './find-schedules.ts';
import { oneLine, runPod } from './job-outcome.ts';
import { ScheduleReader } from './schedule-reader.ts';
import { type ScheduleStore, ScheduleStores, type StoreReach } from './schedule-store.ts';

/** Whose status is read, and how. */
export interface WantedScheduleStatus extends StoreReach {
  allNamespaces: boolean;
  /** --name: of this schedule alone. */
  name?: string;
}

/** How one schedule is doing. */
export interface ScheduleStatus {
  namespace: string;
  name: string;
  /** "0 2 * * *" */
  cron: string;
  /** undefined: the controller's, which is UTC nearly everywhere. */
  timeZone: string | undefined;
  suspended: boolean;
  /** When it is due next, suspended or not; undefined: never, or it can't be told. */
  next: Date | undefined;
  /** Those that are kept, the newest first; undefined where Jobs may not be listed. */
  runs: ScheduledRun[] | undefined;
  /** What the newest run said of itself when it ended, in one line; "" before, and where that is not known. */
  said: string;
  /** Of the newest run that failed. */
  failure: { job: string; at: Date | undefined; cause: string } | undefined;
  /** What is wrong with when it runs, as doctor finds it. */
  troubles: Pick<Finding, 'code' | 'severity' | 'summary'>[];
  store: ScheduleStore;
  /** Its drills; undefined where it holds none. */
  drill: DrillStatus | undefined;
}

/** How the drills of a schedule are doing. */
export interface DrillStatus {
  cronJob: string;
  cron: string;
  suspended: boolean;
  next: Date | undefined;
  /** The namespace that they are held in. */
  into: string | undefined;
  /** undefined: none is kept, or Jobs may not be listed. */
  lastRun: ScheduledRun | undefined;
  /** When one last passed, within its target, RFC 3339; undefined: never. */
  lastSuccess: string | undefined;
}

/** Schedules whose stores are looked into at a time. */
const AT_ONCE = 4;

/**
 * The status of each schedule of this tool. Reads only, but for the pod that reaches a store on a claim; what could not be
 * read is said.
 * @throws ToolError where there is none; UnreachableError, ApiError.
 */
export async function readScheduleStatus(
  wanted: WantedScheduleStatus,
  context: CommandContext,
): Promise<ScheduleStatus[]> {
  const connected = await context.kube();
  const kube = withDeadline(connected, REQUEST_DEADLINE_MS);
  const namespace = wanted.allNamespaces ? undefined : kube.namespace;
  const cronJobs = await findSchedules(kube, { namespace, name: wanted.name });
  context.io.mask(withoutNames(cronJobs.flatMap(secretValuesOf), cronJobs.map(nameOf)));
  const reader = new ScheduleReader(kube, namespace);
  const stores = new ScheduleStores(connected, wanted, context);
  const now = context.now();
  const drills = await findDrills(kube, namespace);
  const statuses = await mapLimited(cronJobs, AT_ONCE, async (cronJob) => ({
    ...(await statusOf(cronJob, { reader, stores, now })),
    drill: await drillStatus(drills.get(drillsKey(cronJob)), reader, now),
  }));
  for (const unread of reader.unread) context.io.warn(unread);
  return statuses;
}

async function statusOf(
  cronJob: KubeObject,
  { reader, stores, now }: { reader: ScheduleReader; stores: ScheduleStores; now: Date },
): Promise<Omit<ScheduleStatus, 'drill'>> {
  const { namespace = '' } = refOf(cronJob);
  const [allJobs, pods, events, schedule] = await Promise.all([
    reader.jobs(),
    reader.pods(),
    reader.eventsOfCronJob(namespace, nameOf(cronJob)),
    readSchedule(cronJob),
  ]);
  const jobs = allJobs?.filter((job) => refOf(job).namespace === namespace);
  const runs = jobs === undefined ? undefined : runsOf(cronJob, jobs);
  const jobOf = (run: ScheduledRun | undefined): KubeObject | undefined =>
    jobs?.find((job) => nameOf(job) === run?.job);
  const [backup] = backupSchedules([cronJob], jobs ?? [], []);
  const own = backup ?? { cronJob, maker: 'tool' as const, jobs: [] };
  const about = eventsOf(events ?? [], refOf(cronJob), uidOf(cronJob));
  const newest = jobOf(runs?.find(({ outcome }, index) => index === 0 && outcome !== 'running'));
  const failed = runs?.find(({ outcome }) => outcome === 'failed');
  const failedJob = jobOf(failed);
  return {
    namespace,
    name: nameOf(cronJob),
    cron: stringAt(cronJob, 'spec', 'schedule') ?? '',
    timeZone: stringAt(cronJob, 'spec', 'timeZone'),
    suspended: valueAt(cronJob, 'spec', 'suspend') === true,
    next: schedule?.next(now),
    runs,
    said: newest === undefined ? '' : (lastWords(newest, pods ?? [])?.said ?? ''),
    failure:
      failed === undefined || failedJob === undefined
        ? undefined
        : {
            job: failed.job,
            at: failed.endedAt,
            cause: await causeOf(failedJob, { reader, cronJob, pods: pods ?? [], now }),
          },
    troubles: judgeDue({ ...own, schedule, events: about, now }).map(({ code, severity, summary }) => ({
      code,
      severity,
      summary,
    })),
    store: await stores.look(cronJob, runs),
  };
}

async function drillStatus(
  cronJob: KubeObject | undefined,
  reader: ScheduleReader,
  now: Date,
): Promise<DrillStatus | undefined> {
  if (cronJob === undefined) return undefined;
  const [schedule, jobs] = await Promise.all([readSchedule(cronJob), reader.drillJobs()]);
  return {
    cronJob: nameOf(cronJob),
    cron: stringAt(cronJob, 'spec', 'schedule') ?? '',
    suspended: valueAt(cronJob, 'spec', 'suspend') === true,
    next: schedule?.next(now),
    into: drillsOf(cronJob).into,
    lastRun: runsOf(cronJob, jobs ?? [])[0],
    lastSuccess: stringAt(cronJob, 'status', 'lastSuccessfulTime'),
  };
}

function lastWords(job: KubeObject, pods: readonly KubeObject[]) {
  const [newest] = podsOfJob(job, pods);
  return newest === undefined ? undefined : runPod(newest);
}

interface Seen {
  reader: ScheduleReader;
  cronJob: KubeObject;
  pods: readonly KubeObject[];
  now: Date;
}

/**
 * Why a run failed, in one line: what its newest pod said last; else what doctor makes of it; of a pod that was deleted
 * when the Job was stopped, what was reported of it (events are kept for an hour).
 */
async function causeOf(job: KubeObject, { reader, cronJob, pods, now }: Seen): Promise<string> {
  const pod = lastWords(job, pods);
  if (pod?.exitCode !== undefined && pod.said !== '') return pod.said;
  const events = (await reader.events(refOf(job).namespace ?? '')) ?? [];
  const logs = {
    list: async () => [...pods],
    log: (...asked: Parameters<ScheduleReader['log']>) => reader.log(...asked),
  };
  const [finding] = await judgeRuns(logs, { cronJob, maker: 'tool', jobs: [job] }, { events, now });
  const [first] = finding?.evidence ?? [];
  const judged = [finding?.summary, first?.text].filter((text) => text !== undefined).join(': ');
  const reported = pod === undefined ? lastReport(job, events) : undefined;
  return oneLine([judged, ...(reported === undefined ? [] : [reported])].join('; '));
}

/** The newest warning about a pod of the Job, whose name begins with the Job's. */
function lastReport(job: KubeObject, events: readonly KubeObject[]): string | undefined {
  const { namespace = '', name } = refOf(job);
  const pods = new Set(
    events
      .filter((event) => stringAt(event, 'type') === 'Warning')
      .map((event) => stringAt(event, 'involvedObject', 'name') ?? '')
      .filter((pod) => new RegExp(`^${RegExp.escape(name)}-[a-z0-9]{5}$`).test(pod)),
  );
  const warnings = events.filter((event) => stringAt(event, 'type') === 'Warning');
  const [newest] = [...pods]
    .flatMap((pod) => eventsOf(warnings, { apiVersion: 'v1', kind: 'Pod', namespace, name: pod }))
    .toSorted((a, b) => (a.at < b.at ? 1 : -1));
  return newest === undefined ? undefined : `${newest.reason}: ${newest.message}`;
}
