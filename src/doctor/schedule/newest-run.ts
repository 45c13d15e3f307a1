import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, stringAt, valueAt } from '../../model/json/json.ts';
import { eventsOf } from '../../model/kubernetes/event.ts';
import { endOfJob } from '../../model/kubernetes/job.ts';
import { type KubeObject, nameOf, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { readSchedule } from '../../model/schedule/cron-schedule.ts';
import { hideSecretsInText } from '../../model/secrets/hide-secrets-in-text.ts';
import { secretValuesOf } from '../../model/secrets/secrecy.ts';
import { Redactor } from '../../output/redactor.ts';
import type { ResourceReader } from '../resource-reader.ts';
import type { BackupRun } from './backup-run.ts';
import { type BackupSchedule, createdAt, podSpecOf, podsOfJob } from './backup-schedule.ts';
import { type ContainerState, containerStates } from './container-states.ts';
import { judgeCreation } from './job-creation.ts';
import { judgeJobFailure } from './job-failure.ts';
import { lastGoodImage } from './last-good-image.ts';
import { moreTime } from './own-schedule.ts';
import { type BadEnd, badEnds, judgePodEnd } from './pod-end.ts';
import { judgePodStart } from './pod-start.ts';
import { judgeScript } from './script-failure.ts';

/** Lines of a log that are read: what a script writes in one run, with room. */
const LOG_LINES = 200;

/** What it takes of doctor's reader. */
type LogReader = Pick<ResourceReader, 'list' | 'log'>;
/** The namespace's events, and when they were read. */
interface Seen {
  events: readonly KubeObject[];
  now: Date;
}
type PodRun = BackupRun & { job: KubeObject; pod: KubeObject };

/**
 * What went wrong in the CronJob's newest run: an old failure that a success followed is none. While the
 * newest one is under way and nothing is wrong with it yet, the one that ended last counts.
 */
export async function judgeRuns(
  reader: LogReader,
  backup: Pick<BackupSchedule, 'cronJob' | 'maker' | 'jobs' | 'release'>,
  { events, now }: Seen,
): Promise<Finding[]> {
  const jobs = backup.jobs.filter((job) => valueAt(job, 'spec', 'suspend') !== true);
  const [newest] = jobs;
  if (newest === undefined) return [];
  const pods = await reader.list('v1', 'Pod', refOf(backup.cronJob).namespace);
  const schedule = await readSchedule(backup.cronJob);
  const run = { cronJob: backup.cronJob, job: newest };
  const found = (await judgeRun(reader, backup, { job: newest, pods }, { events, now })).map((each) => {
    if (each.code === 'MB230') return { ...each, ...lastGoodImage(run, jobs) };
    return each.code === 'MB221' ? { ...each, ...moreTime(run, schedule, now) } : each;
  });
  if (found.length > 0 || endOfJob(newest) !== undefined) return found;
  const ended = jobs.find((job) => endOfJob(job) !== undefined);
  if (ended === undefined) return [];
  // Nobody runs it again beside the one that is under way.
  return (await judgeRun(reader, backup, { job: ended, pods }, { events, now })).map(
    ({ repair: _, ...found }) => found,
  );
}

async function judgeRun(
  reader: LogReader,
  { cronJob, maker, release }: Pick<BackupSchedule, 'cronJob' | 'maker' | 'release'>,
  { job, pods }: { job: KubeObject; pods: readonly KubeObject[] | undefined },
  { events, now }: Seen,
): Promise<Finding[]> {
  const run = { cronJob, job, ...(release === undefined ? {} : { release }) };
  const own = podsOfJob(job, pods ?? []);
  const [pod] = own;
  if (endOfJob(job)?.type === 'Complete') {
    return pod === undefined || maker === 'tool' ? [] : judgeSuccess(reader, { ...run, pod });
  }
  const found: Finding[] = [];
  const refusals = eventsOf(events, refOf(job), uidOf(job)).filter(
    ({ at }) => pod === undefined || at > createdAt(pod),
  );
  found.push(...judgeCreation(run, refusals));
  for (const each of isTrying(run, pod) ? own.slice(0, 1) : own) {
    if (found.length === 0) found.push(...(await judgePod(reader, { ...run, pod: each }, { events, now })));
  }
  // Where pods can't be listed, nobody knows whether there is one.
  const known = pods === undefined ? {} : { pod: pod ?? null };
  return [...found, ...judgeJobFailure(run, known)];
}

/** While the newest pod has not ended, what became of those before it is no failure of the run. */
function isTrying({ job }: Pick<PodRun, 'job'>, newest: KubeObject | undefined): boolean {
  return endOfJob(job) === undefined && stringAt(newest, 'status', 'phase') !== 'Failed';
}

async function judgePod(reader: LogReader, run: PodRun, { events, now }: Seen): Promise<Finding[]> {
  const { pod } = run;
  const bad = badEnds(pod);
  const [ours, theirs] = [
    bad.filter((state) => isOfJob(run, state)),
    bad.filter((state) => !isOfJob(run, state)),
  ];
  const ended = [...ours, ...theirs];
  if (ended.length === 0 && stringAt(pod, 'status', 'phase') !== 'Failed') {
    return judgePodStart(run, eventsOf(events, refOf(pod), uidOf(pod)), now);
  }
  const ends = await Promise.all(
    ended.map(async (state): Promise<BadEnd> => {
      const log = await logOf(reader, pod, state.name, state.ended?.again === true);
      return { state, log };
    }),
  );
  const scripts = ends.flatMap(({ state, log }) =>
    log === undefined ? [] : judgeScript({ ...run, container: state.name }, log),
  );
  return [...scripts, ...judgePodEnd(run, ends)];
}

/** Its exit code says success; its log may say otherwise. */
async function judgeSuccess(reader: LogReader, run: PodRun): Promise<Finding[]> {
  const own = containerStates(run.pod).filter((state) => isOfJob(run, state));
  const logs = own.map(async ({ name }) => {
    const log = await logOf(reader, run.pod, name, false);
    return log === undefined ? [] : judgeScript({ ...run, container: name }, log);
  });
  return (await Promise.all(logs)).flat();
}

/** Whether a container does the Job's work: not one that goes on beside it, or that was put into its pod since. */
function isOfJob({ job }: PodRun, { name, container }: ContainerState): boolean {
  const spec = podSpecOf(job);
  const told = [...arrayAt(spec, 'initContainers'), ...arrayAt(spec, 'containers')];
  const isNamed = told.some((each) => stringAt(each, 'name') === name);
  return isNamed && stringAt(container, 'restartPolicy') !== 'Always';
}

/** Without what the pod itself is given in plain text, and without what looks like a secret. */
async function logOf(
  reader: LogReader,
  pod: KubeObject,
  container: string,
  previous: boolean,
): Promise<string | undefined> {
  const options = { container, previous, tailLines: LOG_LINES };
  const log = await reader.log(refOf(pod).namespace ?? '', nameOf(pod), options);
  const redactor = new Redactor();
  redactor.add(secretValuesOf(pod));
  return log === undefined ? undefined : redactor.redact(log).split('\n').map(hideSecretsInText).join('\n');
}
