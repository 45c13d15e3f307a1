import { advice } from '../advice/advice.ts';
import { type Command, placeholder, tool } from '../advice/command.ts';
import { spellAdvice, spellCommand } from '../advice/spell.ts';
import { readSoundSource } from '../backup/read-sound-source.ts';
import { interruptible } from '../errors/interruptible.ts';
import { orUndefined } from '../errors/or-undefined.ts';
import { BrokenOffError, IncompleteError, InterruptedError, ToolError } from '../errors/tool-error.ts';
import { assertReadableDriver } from '../kube/helm-history.ts';
import { isForbidden } from '../kube/inventory.ts';
import { assertNamespaceName } from '../model/kubernetes/namespace-name.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { Plan } from '../model/plan/plan.ts';
import { type Proof, unprovenOf } from '../model/plan/proof.ts';
import { backupId } from '../model/records/backup-id.ts';
import {
  DRILL_PHASES,
  DRILL_REPORT_VERSION,
  type DrillOutcome,
  type DrillReport,
} from '../model/records/drill-report.ts';
import { explicitSettings } from '../model/settings/explicit-settings.ts';
import { targetInWords } from '../output/target-in-words.ts';
import { carryOut } from '../restore/carry-out.ts';
import { chooseBackup } from '../restore/choose-backup.ts';
import { JournaledWrites } from '../restore/journal/journaled-writes.ts';
import { underLease } from '../restore/lease/under-lease.ts';
import { withLiveRecords } from '../restore/plan/left-out-secrets.ts';
import { planRelease } from '../restore/plan/plan-release.ts';
import { NO_LIMITS, readPodLimits } from '../restore/plan/pod-limits.ts';
import { managerOf } from '../restore/write/written-by.ts';
import { noWrites } from '../restore/writes.ts';
import { askFirst } from '../session/ask-first.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { keepDrillReport, lastDrills } from '../store/find/drill-reports.ts';
import { signaturesOf } from '../store/seal/sealing-store.ts';
import type { DrillOptions, DrillSession } from './drill-session.ts';
import { type DrillSource, harmlessSource } from './harmless-source.ts';
import { readImagePulls } from './image-pulls.ts';
import { readNodeRoom } from './node-room.ts';
import { onTopOf } from './on-top.ts';
import { type PlannedStage, planStage, removeLeftOvers, type Stage, setStage, strikeStage } from './stage.ts';
import { round, Stopwatch } from './stopwatch.ts';
import { tryLeft } from './try-left.ts';
import { type WantedReplicas, wantedReplicas } from './wanted-replicas.ts';

/** How a drill ended: its report, and the error that ended it. */
export interface Drilled {
  report: DrillReport;
  /** Those of the release before it, the newest first. */
  earlier: DrillReport[];
  /** Absent where it passed. */
  error?: unknown;
}

/** How far a drill has come. */
interface Progress {
  stage: Stage | undefined;
  made: DrillSource | undefined;
  proof: Proof | undefined;
  /** Pods that were to come up. */
  wanted: number;
  unproved: string[];
  imagesPresent: boolean | undefined;
}

const UNTOUCHED = 'the original was not touched';

/**
 * Restores a backup into a namespace of its own in which it can do no harm, proves it from the pods, and removes all of it again, whatever
 * comes between. What came of it is kept beside the backups of the release.
 * @throws ToolError where there is no such backup, the answer was no, or nothing was made yet: of that no report is made.
 */
export async function drill(options: DrillOptions, context: CommandContext): Promise<Drilled> {
  assertReadableDriver(options.helmDriver, UNTOUCHED);
  if (options.into !== undefined) assertNamespaceName(options.into);
  const session = await reading(
    context,
    `Reading the backup of ${options.selector}`,
    'nothing was made',
    () => openSession(options, context),
  );
  const { watch, kube, id } = session;
  const planned = await interruptible(planStage(session), context.signal, 'nothing was made');
  const replicas = await interruptible(replicasFor(session, planned), context.signal, 'nothing was made');
  for (const note of replicas.notes) context.io.say(`Note: ${note}.`);
  const made = harmlessSource(session.saved, planned.name, { id, replicasOf: replicas.of });
  if (!options.yes) await watch.paused(() => ask(session, planned, made));
  const { removed } = await removeLeftOvers(kube, context, { isAsked: false });
  for (const { namespace, of } of removed)
    context.io.say(`Removed namespace ${namespace}, which a drill of ${of} had left.`);
  const progress: Progress = {
    stage: undefined,
    made,
    proof: undefined,
    wanted: 0,
    unproved: [],
    imagesPresent: undefined,
  };
  const tell = (): string[] =>
    progress.stage === undefined
      ? []
      : [
          `The drill may leave something in namespace ${progress.stage.name}.`,
          `Next: remove it: ${spellCommand(cleanUpOf(progress.stage), context.spelling)}`,
        ];
  return context.lastWords.during(tell, () => holdDrill(session, planned, progress));
}

async function holdDrill(session: DrillSession, planned: PlannedStage, progress: Progress): Promise<Drilled> {
  const { watch, context } = session;
  let error: unknown;
  try {
    await underLeaseOf(planned, session, (signal) => restoreOnStage(session, planned, { progress, signal }));
  } catch (caught) {
    // A defect is told as one; what the drill made goes all the same.
    error = caught;
  }
  const { stage } = progress;
  if (stage === undefined) throw notBegun(error, planned);
  watch.begin('removal');
  const stays = await strikeStage(session, stage).catch((failure: unknown) => [
    failure instanceof Error ? failure.message : String(failure),
  ]);
  const report = reportOf(session, progress, error, stays.length === 0);
  const earlier = await keepReport(session, report);
  if (stays.length > 0) {
    const left = `not all that the drill made is gone: ${stays.join('; ')}`;
    const next = advice`remove it: ${cleanUpOf(stage)}`;
    if (error === undefined) error = new IncompleteError(left, { untouched: UNTOUCHED, next });
    else context.io.warn(`${left}; ${spellAdvice(next, context.spelling)}`);
  }
  return error === undefined ? { report, earlier } : { report, earlier, error };
}

/** Another drill is in the given namespace, or one may not make any. */
function notBegun(error: unknown, { name, isGiven }: PlannedStage): unknown {
  if (!(error instanceof ToolError) || error instanceof BrokenOffError) return error;
  const next = isForbidden(error)
    ? advice`hold it in a namespace that is there: --into NAMESPACE; what that takes: ${tool('permissions', 'drill', '--into', placeholder('NAMESPACE'))}`
    : error.next;
  const what = isGiven ? `a drill can't begin in namespace ${name} now` : 'no drill was held';
  const help = { untouched: 'nothing was made', ...(next === undefined ? {} : { next }), cause: error };
  return new ToolError(`${what}: ${error.message}`, help, error.exitCode);
}

/** What a restore advises to go on with, or to take back, is gone by then. */
function ofDrill(error: unknown): unknown {
  if (!(error instanceof ToolError)) return error;
  const help = { untouched: UNTOUCHED, cause: error };
  if (error instanceof InterruptedError) return new InterruptedError(error.message, help);
  if (error instanceof BrokenOffError) return new BrokenOffError(error.message, help);
  return new ToolError(error.message, help, error.exitCode);
}

/** What removes all that a drill left. */
function cleanUpOf({ name, uid }: Stage): Command {
  return tool('drill', '--clean', ...(uid === undefined ? ['--into', name] : []));
}

/** Drills in one given namespace come after each other. */
function underLeaseOf<T>(
  { name, isGiven }: PlannedStage,
  { kube, context }: DrillSession,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return isGiven
    ? underLease(kube, { namespace: name, release: 'drill' }, context, work)
    : work(context.signal);
}

async function openSession(options: DrillOptions, context: CommandContext): Promise<DrillSession> {
  const watch = new Stopwatch('read', options.since);
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  const { reader, told, isForeign } = await chooseBackup(kube, store, options, context.now());
  if (told !== undefined) context.io.say(`${told}.`);
  if (isForeign) context.io.say(`It is a backup of another cluster, ${reader.document.cluster.name}.`);
  await signaturesOf(store).assertTrusted(reader, context.now());
  const saved = await readSoundSource(reader, context);
  return {
    kube,
    store,
    address: reader.address,
    saved,
    id: backupId(context.now()),
    options,
    watch,
    context,
  };
}

async function replicasFor(
  { kube, saved, options }: DrillSession,
  { name, isGiven }: PlannedStage,
): Promise<WantedReplicas> {
  if (options.replicas !== undefined) return wantedReplicas(saved, options.replicas, undefined);
  const [nodes, limits] = await Promise.all([
    readNodeRoom(kube),
    isGiven ? readPodLimits(kube, name) : NO_LIMITS,
  ]);
  return wantedReplicas(saved, undefined, { nodes, limits });
}

async function ask(
  { kube, saved, address, context }: DrillSession,
  { name, isGiven }: PlannedStage,
  { changed }: DrillSource,
): Promise<void> {
  const { io } = context;
  if (changed.length > 0) io.say('So that it does no harm beside the original, the drill changes:');
  for (const { what, change } of changed) io.say(`  ${what}: ${change}`);
  const where = isGiven ? `namespace ${name}` : `a new namespace, ${name},`;
  const target = targetInWords({ context: kube.contextName, server: kube.server });
  await askFirst(
    io,
    `Restore ${saved.document.release}@${address.id} into ${where} in ${target}, prove it and remove it again?`,
    { refusal: 'no drill was held', untouched: 'nothing was made' },
  );
}

async function restoreOnStage(
  session: DrillSession,
  planned: PlannedStage,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  const { kube, id, watch, options, context } = session;
  const { source, left } = progress.made!;
  watch.begin('namespace');
  await setStage(session, planned, (stage) => {
    progress.stage = stage;
  });
  watch.begin('plan');
  const asked = { wholeRelease: true, askServer: true };
  const { live, plan } = await interruptible(planRelease(kube, source, asked, context), signal, UNTOUCHED);
  assertOnlyMakes(plan);
  progress.unproved.push(...(await interruptible(tryLeft(kube, left, source, live), signal, UNTOUCHED)));
  progress.wanted = podsWanted(progress.made!);
  watch.begin('apply');
  const journaled = new JournaledWrites(NO_JOURNAL, managerOf(id), context.now);
  const { store } = session;
  const result = await carryOut(
    {
      kube,
      source: withLiveRecords(source, live),
      live,
      plan,
      operation: 'restore',
      scope: {
        store,
        address: { ...session.address, namespace: planned.name },
        clusterName: options.clusterName,
      },
      journaled,
      writes: noWrites(),
      timeoutMs: options.timeoutMs,
      signal,
      onStep: (step) => watch.begin(step),
    },
    context,
  ).catch((error: unknown) => {
    throw ofDrill(error);
  });
  const pulls = await readImagePulls(kube, planned.name);
  if (pulls !== undefined && pulls.seconds > 0) watch.move('ready', 'images', pulls.seconds);
  progress.imagesPresent = pulls?.present;
  const stuck = result.rollouts.filter(({ done }) => !done);
  if (stuck.length > 0) {
    throw new ToolError(
      `the rollout did not finish: ${stuck.map(({ message, obstacles }) => [message, ...obstacles].join('; ')).join('; ')}`,
      { untouched: UNTOUCHED },
    );
  }
  progress.proof = result.proof;
  assertProved(result.proof, progress);
}

/** Nothing is kept for an undo: all of it goes. */
const NO_JOURNAL = { location: 'no journal', append: async () => {} };

/** @throws ToolError where something would be written that the drill does not make itself. */
function assertOnlyMakes(plan: Plan): void {
  const { refusals, objects, helm, namespace } = plan;
  const others = objects.filter(({ action }) => action !== 'create' && action !== 'keep');
  const inTheWay = [
    ...others.map(({ ref }) => `${displayName(ref)} is there already`),
    ...(helm.action === 'create-history' || helm.action === 'none'
      ? []
      : ['Helm knows the release there already']),
  ];
  const why = [...refusals, ...inTheWay];
  if (why.length === 0) return;
  throw new ToolError(`it can't be restored into namespace ${namespace.name}: ${why.join('; ')}`, {
    untouched: UNTOUCHED,
  });
}

/** @throws ToolError where a pod says otherwise; IncompleteError where something could not be proved. */
function assertProved(proof: Proof | undefined, progress: Progress): void {
  const open = proof === undefined ? ['there was nothing to ask'] : unprovenOf(proof);
  progress.unproved.push(...open);
  if (proof?.verdict === 'proved') return;
  const why = open.join('; ');
  if (proof?.verdict === 'differs')
    throw new ToolError(`the pods do not run with the backup's settings: ${why}`, { untouched: UNTOUCHED });
  throw new IncompleteError(`not everything could be proved: ${why}`, { untouched: UNTOUCHED });
}

function podsWanted({ source }: DrillSource): number {
  return source.objects.reduce((sum, { raw }) => {
    const replicas = (raw.spec as { replicas?: unknown } | undefined)?.replicas;
    return sum + (typeof replicas === 'number' ? replicas : 0);
  }, 0);
}

function reportOf(
  { watch, saved, address, id, options, context }: DrillSession,
  progress: Progress,
  error: unknown,
  isRemoved: boolean,
): DrillReport {
  const { stage, made, proof, unproved, wanted, imagesPresent } = progress;
  const phases = watch.phases(DRILL_PHASES);
  const seconds = round(
    phases.reduce((sum, phase) => sum + (phase.name === 'removal' ? 0 : phase.seconds), 0),
  );
  const outcome = outcomeOf(error, context.signal);
  const { targetMs } = options;
  const changed = made?.changed ?? [];
  const pods = {
    proved: (proof?.pods ?? []).filter(({ settings, canary }) => settings === 'equal' && canary === 'passed')
      .length,
    of: proof?.pods.length ?? wanted,
    inBackup: saved.document.health.podsWanted,
  };
  return {
    formatVersion: DRILL_REPORT_VERSION,
    id,
    at: new Date(
      context.now().getTime() - phases.reduce((sum, phase) => sum + phase.seconds * 1000, 0),
    ).toISOString(),
    release: saved.document.release,
    namespace: address.namespace,
    cluster: address.cluster,
    backup: address.id,
    into: stage?.name ?? made?.source.document.namespace.name ?? '',
    madeNamespace: stage?.uid !== undefined,
    phases,
    seconds,
    ...(targetMs === undefined
      ? {}
      : { targetSeconds: targetMs / 1000, met: outcome === 'passed' && seconds * 1000 <= targetMs }),
    pods,
    settings: proof?.verdict === 'proved' ? settingsCompared(saved.pods) : 0,
    unproved: [...new Set(unproved)].slice(0, 200),
    changed: changed.slice(0, 500),
    onTop: onTopOf({ changed, pods, ...(imagesPresent === undefined ? {} : { imagesPresent }) }),
    ...(imagesPresent === undefined ? {} : { imagesPresent }),
    outcome,
    ...(error === undefined
      ? {}
      : { failure: short(error instanceof Error ? error.message : String(error)) }),
    removed: isRemoved,
    tool: context.version,
  };
}

function outcomeOf(error: unknown, signal: AbortSignal): DrillOutcome {
  if (error === undefined) return 'passed';
  return signal.aborted || error instanceof BrokenOffError ? 'cut-off' : 'failed';
}

/** Of `stats settings`, all but those that differ from pod to pod by themselves. */
function settingsCompared(pods: DrillSession['saved']['pods']): number {
  const counts = pods.map((pod) => {
    const { perPod } = explicitSettings(pod);
    return Object.keys(pod.stats ?? {}).filter((key) => !perPod.has(key) && key !== 'oldest').length;
  });
  return Math.max(0, ...counts);
}

function short(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
}

/** How long keeping the report may hold up whoever ended the drill, milliseconds. */
const LAST_WRITE_MS = 1000;

/** Drills that a report is compared with. */
const EARLIER = 5;

/** A report that can't be kept fails no drill. @returns the drills before it; none where they can't be read. */
async function keepReport(
  { store, address, context }: DrillSession,
  report: DrillReport,
): Promise<DrillReport[]> {
  const { io, signal } = context;
  const work = async (): Promise<DrillReport[]> => {
    const before = await orUndefined(() => lastDrills(store, [address.cluster], report, EARLIER));
    await keepDrillReport(store, masked(report, io));
    return before ?? [];
  };
  const kept = work().catch((error: unknown) => {
    io.warn(`the report is not kept: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  });
  if (!signal.aborted) return kept;
  const late = new Promise<DrillReport[]>((resolve) => setTimeout(() => resolve([]), LAST_WRITE_MS).unref());
  return Promise.race([kept, late]);
}

/** What the server said of a refusal may quote a Secret. */
function masked(report: DrillReport, io: CommandContext['io']): DrillReport {
  return {
    ...report,
    ...(report.failure === undefined ? {} : { failure: io.masked(report.failure) }),
    unproved: report.unproved.map((text) => io.masked(text)),
    changed: report.changed.map((each) => ({ ...each, change: io.masked(each.change) })),
  };
}
