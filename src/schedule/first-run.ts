import { advice } from '../advice/advice.ts';
import { type Command, tool } from '../advice/command.ts';
import { IncompleteError, ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { stringAt } from '../model/json/json.ts';
import { type KubeObject, nameOf, refOf } from '../model/kubernetes/object.ts';
import { clusterInUse } from '../session/cluster-in-use.ts';
import type { CommandContext } from '../session/context.ts';
import type { ListedBackup } from '../store/store.ts';
import { verifyOpened } from '../verify/verify-backup.ts';
import { followJob, hindranceInWords } from './follow-job.ts';
import { exitCodeOfRun, type JobOutcome } from './job-outcome.ts';
import { startRun } from './run-now.ts';
import type { WantedSchedule } from './wanted-schedule.ts';

/** A backup that a run saved, found in the store, every byte of it as it was saved. */
export interface VerifiedByRun {
  /** release@id; namespace/release@id of another namespace's. */
  backup: string;
  /** What it holds was looked at, too: false where it is sealed, and no key of it is at hand. */
  opened: boolean;
}

/** A run that was followed to its end, and what it left in the store. */
export interface FirstRun {
  job: string;
  /** From its start to its end. */
  seconds: number;
  /** What it said last. */
  said: string;
  /** The backups that were found in the store and verified. */
  verified: VerifiedByRun[];
  /** The image that ran, by its digest: "NAME@sha256:…". Undefined where the node knows it by none that can be pulled. */
  image?: string;
}

/** A clock of a node may be behind the controller's by so much, milliseconds. */
const CLOCK_SLACK_MS = 5_000;

/**
 * Starts a run of a CronJob, follows it to its end, and looks in the store for what it saved: a schedule counts as working
 * once that is there and sound.
 * @throws ToolError where the run failed, saying what it said last; IncompleteError where it ended well and its backups
 * could not be looked at.
 */
export async function proveByRun(
  cronJob: KubeObject,
  wanted: Pick<WantedSchedule, 'releases' | 'allNamespaces'>,
  context: CommandContext,
): Promise<FirstRun> {
  const { io, signal } = context;
  const kube = await context.kube();
  const job = await startRun(kube, cronJob);
  const { name, namespace = '' } = refOf(job);
  const care = (verb: string): Command => tool('schedule', verb, '--name', nameOf(cronJob), '-n', namespace);
  const doctor = tool('doctor', '-n', namespace);
  const progress = io.progress(`First run: job/${name}`);
  const outcome = await followJob(
    kube,
    { namespace, name },
    {
      signal,
      onProgress: ({ text, isTrouble }) => {
        if (isTrouble) io.say(`First run: ${text}`);
        else progress.update(`First run: ${text}`);
      },
      onUnseen: (text) => io.warn(text),
    },
  ).finally(() => progress.done());
  const said = lastWords(outcome);
  if (outcome.state !== 'succeeded')
    throw new ToolError(
      `the first run ${outcome.state === 'stuck' ? 'does not start' : 'failed'} (job/${name}): ${said}`,
      {
        untouched: 'the schedule is installed and stays',
        next: advice`${outcome.state === 'stuck' ? doctor : care('logs')}; once the cause is gone: ${care('run')}`,
      },
      exitCodeOfRun(outcome),
    );
  const since = Date.parse(stringAt(outcome.job, 'status', 'startTime') ?? '') - CLOCK_SLACK_MS;
  const found = await findSaved(since, wanted, { kube, context }).catch((error: unknown) => {
    if (!(error instanceof ToolError) || signal.aborted) throw error;
    throw new IncompleteError(
      `job/${name} ended well (${said}), and its backup could not be looked for from here: ${error.message}`,
      {
        cause: error,
        untouched: 'the schedule is installed and stays',
        ...(error.next === undefined ? {} : { next: error.next }),
      },
    );
  });
  if (found.length === 0)
    throw new IncompleteError(
      `job/${name} ended well, and the store ${(await context.store()).location} has no backup of it`,
      { untouched: 'the schedule is installed and stays', next: care('logs') },
    );
  const image = pinnedImage(outcome);
  return {
    job: name,
    seconds: secondsOf(outcome.job),
    said,
    verified: await verified(found, context),
    ...(image === undefined ? {} : { image }),
  };
}

/** What a run, or what kept it from running, said last. */
function lastWords({ pod, hindrance, reason, message }: JobOutcome): string {
  if (hindrance !== undefined) return hindranceInWords(hindrance);
  if (pod !== undefined && pod.said !== '') return pod.said;
  return [reason, message].filter((part) => part !== '').join(': ') || 'it said nothing';
}

/** A tag may mean another image tomorrow. Undefined of one that the node knows by no name that can be pulled. */
function pinnedImage({ pod }: JobOutcome): string | undefined {
  const id = pod?.imageId ?? '';
  return /^[\w.:/-]+@sha256:[0-9a-f]{64}$/.test(id) ? id : undefined;
}

function secondsOf(job: KubeObject): number {
  const at = (field: string): number => Date.parse(stringAt(job, 'status', field) ?? '');
  const ms = at('completionTime') - at('startTime');
  return Number.isNaN(ms) ? 0 : ms / 1000;
}

/** @throws IncompleteError where a release that was named has none. */
async function findSaved(
  since: number,
  { releases, allNamespaces }: Pick<WantedSchedule, 'releases' | 'allNamespaces'>,
  { kube, context }: { kube: KubeClient; context: CommandContext },
): Promise<ListedBackup[]> {
  const store = await context.store();
  const { name: cluster } = await clusterInUse(kube, context.store);
  const listed = await store.list({ cluster, ...(allNamespaces ? {} : { namespace: kube.namespace }) });
  const found = listed.filter(
    ({ address, summary }) =>
      summary?.kind === 'backup' &&
      Date.parse(summary.startedAt) >= since &&
      (releases.length === 0 || releases.includes(address.release)),
  );
  const lacking = releases.filter((release) => !found.some(({ address }) => address.release === release));
  if (found.length > 0 && lacking.length > 0)
    throw new IncompleteError(
      `the store ${store.location} has no backup of this run of ${lacking.join(', ')}`,
    );
  return found;
}

/** Each of its newest backups, by what it holds: no cluster is asked. @throws ToolError for one that is not sound. */
async function verified(found: readonly ListedBackup[], context: CommandContext): Promise<VerifiedByRun[]> {
  const sound: VerifiedByRun[] = [];
  const here = (await context.kube()).namespace;
  const store = await context.store();
  for (const { address } of found) {
    const { release, id, namespace } = address;
    const name = `${release}@${id}`;
    const progress = context.io.progress(`Verifying ${name}`);
    const { verdict, results } = await verifyOpened(
      () => store.open(address),
      { offline: true, helm: undefined },
      context,
    ).finally(() => progress.done());
    if (verdict === 'failed') {
      const wrong = results.flatMap((result) =>
        result.status === 'failed' ? [`${result.what}: ${result.why}`] : [],
      );
      throw new ToolError(`the first run saved ${name}, which is not sound: ${wrong[0] ?? ''}`, {
        untouched: 'the schedule is installed and stays',
        next: tool('verify', name, '-n', namespace, '--offline', '-o', 'wide', ...store.flags),
      });
    }
    const isOpened = !results.some(({ check, status }) => check === 'opened' && status === 'unchecked');
    sound.push({ backup: namespace === here ? name : `${namespace}/${name}`, opened: isOpened });
  }
  return sound;
}
