import { setImmediate as others } from 'node:timers/promises';
import { askPodsThrough } from '../../backup/ask-pods-through.ts';
import type { EarlyAnswers } from '../../backup/early-answers.ts';
import { liveReleaseOf } from '../../backup/live-release-of.ts';
import { secretsOfLive, secretsOfSource } from '../../backup/release-secrets.ts';
import type { RestoreSource } from '../../backup/source.ts';
import type { KubeClient } from '../../kube/client.ts';
import { livePodTargets, loginsOfLive } from '../../kube/live-pods.ts';
import type { LiveRelease, ReleaseReading } from '../../kube/read-release.ts';
import type { CacheLook, EmptiedCaches } from '../../model/cache/emptying-cost.ts';
import { keyOf } from '../../model/kubernetes/object.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { RuntimeChange } from '../../model/plan/runtime.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import type { CommandContext } from '../../session/context.ts';
import { cachesEmptied, emptiedCaches } from './caches-emptied.ts';
import { type DryRunAnswer, tryWrites } from './dry-run.ts';
import { type Lacking, lackingOf, unreadRefusals } from './lacking-permissions.ts';
import { withLiveRecords } from './left-out-secrets.ts';
import { isNothingToDo, makePlan } from './make-plan.ts';
import type { PlanInput, PlanOptions } from './plan-input.ts';
import { NO_LIMITS, readPodLimits } from './pod-limits.ts';
import { afterChanges, type PodChange, plannedChanges, runtimeChanges } from './runtime-changes.ts';
import { isUnchanged } from './unchanged.ts';
import { unservedKinds } from './unserved-kinds.ts';
import { leaveRunning } from './without-restart.ts';

export interface Planned {
  live: LiveRelease;
  plan: Plan;
  /** Whose caches the plan empties. */
  emptied: EmptiedCaches[];
  /** What the live pods say that they run with. */
  livePods: PodSettings[];
  /** What the pods had counted when they were asked; nothing where the caller knew already what they say; absent where nobody looked. */
  looks: CacheLook[] | undefined;
}

/** A plan, and what it was made from. */
export interface PlannedOver extends Planned {
  input: PlanInput;
  /** When it was begun to ask, by performance.now(). */
  askedAt: number;
  /** What the server said of the permissions that it takes. */
  lacking: Lacking | undefined;
}

export interface Asking {
  askServer: boolean;
  /** The reading of the live release, where it is under way. */
  begun?: ReleaseReading | undefined;
  /**
   * A plan of the same backup that was made before. What the server said then of its writes, of limits and permissions is not
   * asked again, where that was moments ago and the release is as it was read then.
   */
  before?: PlannedOver | undefined;
  /** Pods that were asked for their settings already: taken where the release is as it was then. */
  early?: EarlyAnswers | undefined;
  /** What the live pods said when they were asked before; they are asked where absent. */
  livePods?: PodSettings[];
  /** Only what differs is wanted to be known: what may keep one from carrying it out is not asked. */
  isComparison?: boolean;
  /** What else is sent to the servers that run. An undo: what its restore had sent, back. */
  tune?: (live: LiveRelease, livePods: readonly PodSettings[]) => PodChange[];
  /** Makes another plan of it, before the server is asked whether one may carry it out. */
  revise?: (plan: Plan, live: LiveRelease) => Plan;
}

/** Reads the live release, asks the server and the pods, and works the plan out. Writes nothing. */
export async function planRelease(
  kube: KubeClient,
  source: RestoreSource,
  options: PlanOptions & Asking,
  context: CommandContext,
): Promise<PlannedOver> {
  const live = await liveReleaseOf(kube, source, { begun: options.begun });
  return planOver(kube, { source, live }, options, context);
}

/** The same over a release that was read already, with the kinds that the backup holds. */
export async function planOver(
  kube: KubeClient,
  { source: saved, live }: { source: RestoreSource; live: LiveRelease },
  options: PlanOptions & Asking,
  context: CommandContext,
): Promise<PlannedOver> {
  const askedAt = performance.now();
  const source = withLiveRecords(saved, live);
  context.io.mask([...secretsOfSource(source), ...secretsOfLive(live)]);
  const known = stillValid(options.before, saved, live);
  const written = source.objects.filter(({ ref }) => options.mayWrite?.(ref) !== false);
  const unserved = known?.input.unserved ?? (await unservedKinds(kube, written));
  const missing = new Set(unserved.flatMap(({ objects }) => objects.map(keyOf)));
  const asked = written.filter(({ ref }) => !missing.has(keyOf(ref)));
  const asking =
    options.livePods === undefined
      ? askLivePods(kube, live, known && options.early)
      : Promise.resolve({ livePods: options.livePods, looks: [] });
  asking.catch(() => {});
  const [answers, limits] = await Promise.all([
    known?.input.answers ??
      (options.askServer
        ? tryWrites(kube, source, live, { objects: asked, referencedToo: options.referencedToo })
        : unasked(source)),
    known?.input.limits ??
      (live.namespace === undefined || options.isComparison === true
        ? NO_LIMITS
        : readPodLimits(kube, live.namespaceName)),
  ]);
  const { spelling } = context;
  const basis = { source, live, answers, unserved, limits, now: context.now(), spelling, options };
  const mayLack = options.askServer && options.isComparison !== true;
  const likely = mayLack ? likelyLacking(kube, basis, known?.lacking).catch(() => known?.lacking) : undefined;
  const { livePods, looks } = await asking;
  const tuned =
    options.withoutRestart === true
      ? runtimeChanges(source.pods, live, livePods)
      : (options.tune?.(live, livePods) ?? []);
  const sent = plannedChanges(tuned);
  const input: PlanInput = { ...basis, livePods: afterChanges(livePods, sent) };
  const made = makePlan(input);
  const revised = withRuntime(options.revise?.(made, live) ?? made, { input, tuned, sent });
  const plan = revised === made ? made : { ...revised, cachesEmptied: cachesEmptied(revised.objects, input) };
  const lacking =
    mayLack && !plan.nothingToDo
      ? await lackingOf(kube, withoutExtras(plan, options), basis, await likely)
      : undefined;
  const refusals = [...unreadRefusals(live), ...(lacking?.refusals ?? [])];
  const told = { ...plan, refusals: [...plan.refusals, ...refusals] };
  return {
    live,
    input,
    askedAt,
    lacking,
    plan: options.askServer ? told : { ...told, notAsked: true },
    emptied: emptiedCaches(told.objects, input),
    livePods,
    looks,
  };
}

/**
 * Asks about the permissions that the plan seems to take while the pods are being asked: what they say seldom changes which
 * those are. What fails is to be asked again.
 */
async function likelyLacking(
  kube: KubeClient,
  basis: Omit<PlanInput, 'options' | 'livePods'> & { options: PlanOptions & Asking },
  known: Lacking | undefined,
): Promise<Lacking | undefined> {
  // What the pods are asked goes out first.
  await others();
  const { options, live } = basis;
  const made = makePlan({ ...basis, livePods: [] });
  const plan = options.revise?.(made, live) ?? made;
  if (isNothingToDo(plan)) return known;
  return lackingOf(kube, withoutExtras(plan, options), basis, known);
}

function withRuntime(
  plan: Plan,
  { input, tuned, sent }: { input: PlanInput; tuned: PodChange[]; sent: RuntimeChange[] },
): Plan {
  if (input.options.withoutRestart === true) return leaveRunning(plan, input, tuned);
  if (sent.length === 0) return plan;
  const { proof: _ofPodsAsTheyAre, ...rest } = plan;
  return { ...rest, runtime: { changes: sent, left: [] }, nothingToDo: false };
}

async function askLivePods(
  kube: KubeClient,
  live: LiveRelease,
  early: EarlyAnswers | undefined,
): Promise<Pick<Planned, 'livePods' | 'looks'>> {
  const { answers } = await askPodsThrough(kube, livePodTargets(live), {
    loginsOf: loginsOfLive(live),
    ...(early === undefined ? { look: true } : { early }),
  });
  return {
    livePods: answers.map(({ settings }) => settings),
    looks: early === undefined ? answers.flatMap(({ look }) => look ?? []) : undefined,
  };
}

/** What was asked longer ago than that is asked again, milliseconds: a person may have thought about the plan for hours. */
const VALID_MS = 10_000;

/** The plan made before, where the release is as it was then, moments ago. */
function stillValid(
  before: PlannedOver | undefined,
  source: RestoreSource,
  live: LiveRelease,
): PlannedOver | undefined {
  if (before === undefined || performance.now() - before.askedAt > VALID_MS) return undefined;
  return isUnchanged(before.live, live, source) ? before : undefined;
}

/** What an undo can do without: where pods may not be deleted, it says so, and the objects are as before. */
function withoutExtras(plan: Plan, { operation }: PlanOptions): Plan {
  if (operation !== 'undo') return plan;
  const { stuckPods: _toBeDeleted, ...rest } = plan;
  return rest;
}

function unasked(source: RestoreSource): Map<string, DryRunAnswer> {
  const answer: DryRunAnswer = {
    kind: 'unasked',
    why: '--dry-run=client does not ask the server',
    byClient: true,
  };
  return new Map(source.objects.map(({ ref }) => [keyOf(ref), answer]));
}
