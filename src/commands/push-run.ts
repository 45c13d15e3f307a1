import { ExitCode } from '../errors/exit-code.ts';
import { exitCodeOf } from '../errors/exit-code-of.ts';
import { orUndefined } from '../errors/or-undefined.ts';
import { type PushedGroup, pushGroups } from '../metrics/push-gateway.ts';
import { addBackup, type MeasuredBackup, unixTime } from '../model/metrics/release-metrics.ts';
import { GatheredMetrics } from '../model/metrics/tool-metrics.ts';
import type { CommandContext } from '../session/context.ts';
import type { StoreRoom } from '../store/store.ts';
import { storeKind } from '../store/store-kind.ts';

/** Where a run tells how it was, and as what. */
export interface PushTarget {
  /** Of the Pushgateway, without credentials. */
  url: URL;
  /** The CronJob that the run is of, where that is known. */
  schedule?: string;
  env: NodeJS.ProcessEnv;
}

/** What came of a run of `backup`, filled in while it goes on. */
export interface RunRecord {
  saved: SavedRelease[];
  /** Releases that could not be saved. */
  failed: number;
}

export interface SavedRelease extends MeasuredBackup {
  namespace: string;
  release: string;
  complete: boolean;
}

/** For all that a run has to push. */
const PUSH_WITHIN_MS = 10_000;
/** The same after Ctrl-C or SIGTERM, when the process has to end soon. */
const HURRIED_PUSH_WITHIN_MS = 1_000;
/** A store that takes longer says nothing of its room. */
const ROOM_WITHIN_MS = 3_000;

/**
 * Does a run of `backup` and tells a Pushgateway how it was, also one that failed. What the gateway does not take is a warning, and
 * nothing else.
 * @param run fills in the record and returns the exit code, or throws.
 */
export async function pushingRun(
  target: PushTarget | undefined,
  context: CommandContext,
  run: (record: RunRecord) => Promise<ExitCode>,
): Promise<ExitCode> {
  const record: RunRecord = { saved: [], failed: 0 };
  if (target === undefined) return run(record);
  const startedAt = context.now();
  let code: ExitCode = ExitCode.failed;
  try {
    code = await run(record);
    return code;
  } catch (error) {
    code = exitCodeOf(error, context.signal.aborted);
    throw error;
  } finally {
    await push(target, { ...record, startedAt, isGood: code === ExitCode.ok }, context);
  }
}

interface EndedRun extends RunRecord {
  startedAt: Date;
  isGood: boolean;
}

async function push(target: PushTarget, run: EndedRun, context: CommandContext): Promise<void> {
  try {
    const groups = [await groupOfRun(target, run, context), ...(await groupsOfReleases(run, context))];
    const hurried = { signal: context.signal, withinMs: HURRIED_PUSH_WITHIN_MS };
    await pushGroups(target.url, groups, { withinMs: PUSH_WITHIN_MS, hurried, env: target.env });
  } catch (error) {
    // Whatever it is: how the run ended stands.
    context.io.warn(`${(error as Error).message}; the run itself is not concerned`);
  }
}

async function groupOfRun(
  { schedule }: PushTarget,
  { startedAt, isGood, saved, failed }: EndedRun,
  context: CommandContext,
): Promise<PushedGroup> {
  const metrics = new GatheredMetrics();
  const endedAt = context.now();
  metrics.add('last_run_success', {}, isGood);
  metrics.add('last_run_timestamp_seconds', {}, unixTime(endedAt));
  metrics.add('last_run_duration_seconds', {}, unixTime(endedAt) - unixTime(startedAt));
  metrics.add('last_run_saved', {}, saved.length);
  metrics.add('last_run_failed', {}, failed);
  if (isGood) metrics.add('last_success_timestamp_seconds', {}, unixTime(endedAt));
  const store = await orUndefined(context.store);
  const room = context.signal.aborted ? undefined : await roomOf(context);
  if (store !== undefined && room !== undefined) {
    const labels = { store: storeKind(store.location) };
    metrics.add('store_free_bytes', labels, room.freeBytes);
    metrics.add('store_capacity_bytes', labels, room.capacityBytes);
  }
  const namespace = (await orUndefined(context.kube))?.namespace ?? 'default';
  return {
    labels: { namespace, ...(schedule === undefined ? {} : { cronjob: schedule }) },
    families: metrics.families(),
    isWhole: false,
  };
}

/** Each has a group of its own, so that one release does not write over another; that of one that was not saved stays as it is. */
async function groupsOfReleases({ saved }: EndedRun, context: CommandContext): Promise<PushedGroup[]> {
  const whole = saved.filter(({ complete }) => complete);
  if (whole.length === 0) return [];
  const labels = { store: storeKind((await context.store()).location) };
  return whole.map(({ namespace, release, ...backup }) => {
    const metrics = new GatheredMetrics();
    addBackup(metrics, labels, backup);
    return { labels: { namespace, release }, families: metrics.families(), isWhole: true };
  });
}

/** Only of a store that a folder is at the bottom of: the others don't say, and are asked by a write. */
async function roomOf(context: CommandContext): Promise<StoreRoom | undefined> {
  const store = await orUndefined(context.store);
  if (store === undefined || !['folder', 'pvc'].includes(storeKind(store.location))) return undefined;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const giveUp = (): void => resolve(undefined);
  const timer = setTimeout(giveUp, ROOM_WITHIN_MS);
  context.signal.addEventListener('abort', giveUp, { once: true });
  const asked = orUndefined(async () => (await store.condition()).room);
  try {
    return await Promise.race([asked, promise]);
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', giveUp);
  }
}
