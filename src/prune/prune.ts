import { advice } from '../advice/advice.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import { assertReleaseName } from '../model/records/backup-id.ts';
import { isFuture, type RetentionRules, type Verdict } from '../model/retention/retention.ts';
import {
  type Places,
  type ReleaseHoldings,
  readHoldings,
  type StoredHolding,
} from '../retention/holdings.ts';
import { planRetention, type RetentionPlan } from '../retention/plan-retention.ts';
import { takeAway } from '../retention/take-away.ts';
import { askFirst } from '../session/ask-first.ts';
import type { CommandContext } from '../session/context.ts';
import { reading, showing } from '../session/under-way.ts';
import { listCommand } from '../store/advice.ts';
import type { BackupAddress } from '../store/store.ts';
import { type ClusterScope, clusterScope, isOfAnother, ownReleases } from './cluster-scope.ts';
import { releasesThere } from './releases-there.ts';

/** What is pruned, and by which rules. */
export interface WantedPrune {
  /** Every release of the namespace where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** -n */
  namespace?: string;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  rules: RetentionRules;
  /** The rules also decide on releases that the cluster no longer has. */
  includeGone: boolean;
  /** Do not ask. */
  yes: boolean;
  dryRun: boolean;
}

/** What becomes of one backup. */
export interface PrunedBackup extends Verdict<StoredHolding> {
  outcome: 'kept' | 'would-remove' | 'removed' | 'failed';
  /** Of what failed. */
  error?: ToolError;
}

export interface Pruned {
  /** By namespace, release and cluster, newest first. */
  backups: PrunedBackup[];
  /** Journals that went with their safety backups. */
  journals: number;
  /** Why the cluster could not be asked, for want of which nothing was removed; undefined where it did not matter. */
  unasked?: string;
}

const UNTOUCHED = 'nothing was removed';

/**
 * Takes away backups that no rule keeps. The plan is shown and asked about first, made again from a new listing, and only
 * what both say is removed.
 * @param show shows the plan.
 * @throws ToolError where there is nothing of a release that was named; UsageError; InterruptedError for a no.
 */
export async function prune(
  wanted: WantedPrune,
  show: (planned: readonly PrunedBackup[]) => Promise<void>,
  context: CommandContext,
): Promise<Pruned> {
  for (const release of wanted.releases) assertReleaseName(release);
  const { io, signal } = context;
  const work = await reading(context, 'Looking at the backups', UNTOUCHED, () => prepare(wanted, context));
  const plans = await work.plan();
  const planned = plans.flatMap(({ verdicts }) => verdicts).map(toPlanned);
  warnOfFuture(planned, work.now, context);
  await show(planned);
  const unasked = work.unasked === undefined ? {} : { unasked: work.unasked };
  const going = planned.filter(({ keep }) => !keep);
  const isNothing = going.length === 0 && plans.every(({ journals }) => journals.length === 0);
  if (wanted.dryRun || isNothing) return { backups: planned, journals: 0, ...unasked };
  if (!wanted.yes) {
    const many = `${going.length} ${going.length === 1 ? 'backup' : 'backups'}`;
    await askFirst(io, `Remove ${many}?`, { refusal: 'not pruned', untouched: UNTOUCHED });
  }
  const agreed = new Set(going.map(({ holding }) => keyOf(holding)));
  const again = (await work.plan()).map((plan) => onlyAgreed(plan, agreed));
  const taken = await showing(io, 'Removing backups', () => takeAway(again, signal));
  const failed = new Map(taken.failed.map(({ holding, error }) => [keyOf(holding), error]));
  const left = new Set(
    again.flatMap(({ verdicts }) => verdicts.filter(({ keep }) => keep).map(({ holding }) => keyOf(holding))),
  );
  const removed = new Set(taken.removed.map(keyOf));
  const isTried = (key: string): boolean => removed.has(key) || !isListed(key, again);
  return {
    backups: planned.map((each): PrunedBackup => {
      const key = keyOf(each.holding);
      const error = failed.get(key);
      if (each.keep || left.has(key)) return { ...each, outcome: 'kept' };
      if (error !== undefined) return { ...each, outcome: 'failed', error };
      return { ...each, outcome: isTried(key) ? 'removed' : 'kept' };
    }),
    journals: taken.journals,
    ...unasked,
  };
}

interface Work {
  /** Reads the store, and judges what is there. */
  plan(): Promise<RetentionPlan[]>;
  now: number;
  unasked: string | undefined;
}

async function prepare(wanted: WantedPrune, context: CommandContext): Promise<Work> {
  const now = context.now().getTime();
  const namespace = wanted.allNamespaces ? undefined : (wanted.namespace ?? (await context.kube()).namespace);
  const scope = await clusterScope(wanted.clusterName, context);
  const first = await holdingsIn(namespace, wanted, scope, context);
  assertOneCluster(first, wanted, scope);
  await assertNamed(first, wanted, { namespace, context });
  const keepAll = await whyKept(first, wanted, scope);
  let found: ReleaseHoldings[] | undefined = first;
  return {
    now,
    unasked: 'unknown' in scope && !wanted.includeGone ? scope.unknown : undefined,
    plan: async () => {
      const holdings = found ?? (await holdingsIn(namespace, wanted, scope, context));
      found = undefined;
      return holdings.map((each) => planRetention(each, wanted.rules, { now, keepAll: keepAll(each) }));
    },
  };
}

async function holdingsIn(
  namespace: string | undefined,
  { releases }: WantedPrune,
  { cluster }: ClusterScope,
  context: CommandContext,
): Promise<ReleaseHoldings[]> {
  const places: Places = { store: await context.store(), stateFolder: await context.stateFolder() };
  const [only, ...others] = releases;
  const filter: Partial<BackupAddress> = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(only === undefined || others.length > 0 ? {} : { release: only }),
  };
  const found = await readHoldings(places, filter, (line) => context.io.warn(line));
  const named = found.filter(({ address }) => releases.length === 0 || releases.includes(address.release));
  return ownReleases(named, cluster);
}

/** Without a cluster, and with the rules to decide on everything, somebody else's backups must not go by accident. */
function assertOneCluster(
  found: readonly ReleaseHoldings[],
  { includeGone }: WantedPrune,
  scope: ClusterScope,
): void {
  const clusters = new Set(found.map(({ address }) => address.cluster));
  if (!includeGone || scope.cluster !== undefined || clusters.size <= 1 || !('unknown' in scope)) return;
  throw new UsageError(
    `the store holds backups of several clusters, and yours could not be asked: ${scope.unknown}`,
    {
      untouched: UNTOUCHED,
      next: `name one: --cluster-name ${[...clusters].sort()[0]}`,
    },
  );
}

async function assertNamed(
  found: readonly ReleaseHoldings[],
  { releases }: WantedPrune,
  { namespace, context }: { namespace: string | undefined; context: CommandContext },
): Promise<void> {
  const missing = releases.filter((release) => !found.some(({ address }) => address.release === release));
  const [first] = missing;
  if (first === undefined) return;
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  throw new ToolError(`there is no backup of ${missing.join(', ')}${where} of this cluster`, {
    untouched: UNTOUCHED,
    next: advice`see what the store holds: ${listCommand(await context.store(), first)}`,
  });
}

/** Why nothing of a release is taken away: only what was seen in the cluster is there. */
async function whyKept(
  found: readonly ReleaseHoldings[],
  { includeGone }: WantedPrune,
  scope: ClusterScope,
): Promise<(each: ReleaseHoldings) => string | undefined> {
  if (includeGone) return () => undefined;
  if ('unknown' in scope) return () => 'whether the cluster still has the release is not known';
  const namespaces = [...new Set(found.map(({ address }) => address.namespace))];
  const there = await releasesThere(scope.kube, namespaces);
  return (each) => {
    if (isOfAnother(each, scope.identity)) return 'it is of another cluster';
    if (there.isThere(each.address)) return undefined;
    const unread = there.whyUnread(each.address.namespace);
    return unread === undefined
      ? 'the cluster no longer has the release'
      : 'whether the cluster still has the release is not known: its workloads may not be listed';
  };
}

/** Of a new plan, what was agreed on: no journal goes for the sake of a backup that stays. */
function onlyAgreed(plan: RetentionPlan, agreed: ReadonlySet<string>): RetentionPlan {
  const verdicts = plan.verdicts.map((verdict) =>
    verdict.keep || agreed.has(keyOf(verdict.holding)) ? verdict : { ...verdict, keep: true },
  );
  const isAll = verdicts.every((verdict, index) => verdict === plan.verdicts[index]);
  return { ...plan, verdicts, journals: isAll ? plan.journals : [] };
}

function isListed(key: string, plans: readonly RetentionPlan[]): boolean {
  return plans.some(({ verdicts }) => verdicts.some(({ holding }) => keyOf(holding) === key));
}

function toPlanned(verdict: Verdict<StoredHolding>): PrunedBackup {
  return { ...verdict, outcome: verdict.keep ? 'kept' : 'would-remove' };
}

function keyOf({ store, backup: { address } }: StoredHolding): string {
  return [store.location, address.cluster, address.namespace, address.release, address.id].join('\n');
}

function warnOfFuture(planned: readonly PrunedBackup[], now: number, { io }: CommandContext): void {
  for (const { holding } of planned.filter(({ holding: each }) => isFuture(each, now))) {
    io.warn(`${holding.backup.location} is dated in the future: it is not counted, and it stays`);
  }
}

/** Failed where something could not be removed; unreachable where the cluster had to be asked and could not. */
export function exitCodeOf({ backups, unasked }: Pruned): ExitCode {
  if (backups.some(({ outcome }) => outcome === 'failed')) return ExitCode.failed;
  return unasked === undefined ? ExitCode.ok : ExitCode.unreachable;
}
