import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { InterruptedError, ToolError, UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { readClusterIdentity } from '../kube/cluster-identity.ts';
import { type LiveRelease, readRelease } from '../kube/read-release.ts';
import { askPods } from '../memcached/ask-pods.ts';
import { parseSelector } from '../model/backup-id.ts';
import { clusterName } from '../model/cluster-name.ts';
import { effectiveRevision } from '../model/helm-release.ts';
import { keyOf } from '../model/object.ts';
import type { Plan } from '../model/plan.ts';
import { podTargets } from '../model/pod-settings.ts';
import { secretHelmValues, secretValuesOf } from '../model/secrecy.ts';
import { isWorkload } from '../model/workload.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { planLines } from '../output/plan-text.ts';
import { toPrettyJson } from '../output/print.ts';
import { type DryRunAnswer, tryWrites } from '../restore/dry-run.ts';
import { isNothingToDo, makePlan } from '../restore/plan.ts';
import { type RestoreSource, readSource } from '../restore/source.ts';
import { selectBackup } from '../store/select-backup.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { knownClusters } from './known-clusters.ts';
import { reportRestore } from './report-restore.ts';
import { POD_DEADLINE_MS, takeBackup } from './take-backup.ts';

export interface RestoreOptions {
  /** RELEASE[@ID] */
  selector: string;
  yes: boolean;
  dryRun: 'none' | 'client' | 'server';
  output: OutputFormat;
  /** For the rollout, milliseconds. */
  timeoutMs: number;
  /** Restore also a release that holds other workloads than memcached. */
  wholeRelease: boolean;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

/**
 * `restore RELEASE[@ID]`: reads, plans, shows the plan, asks, writes, waits, proves. Nothing is written
 * before the answer, and nothing at all where live, pods and effective settings already equal the backup.
 */
export async function restore(options: RestoreOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const selector = parseSelector(options.selector);
  const startedAt = context.now();
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  const progress = io.progress(`Planning the restore of ${selector.release}`);
  const planning = (async () => {
    const [identity, listed] = await Promise.all([
      readClusterIdentity(kube),
      store.list({ namespace: kube.namespace, release: selector.release }),
    ]);
    const cluster =
      options.clusterName ??
      clusterName(identity, identity.uid === undefined ? await knownClusters(store) : []);
    const chosen = selectBackup(listed, selector, cluster);
    const source = await readSource(await store.open(chosen.address));
    return { source, ...(await planRestore(kube, source, options, context)) };
  })();
  const { source, live, plan } = await interruptible(
    planning,
    context.signal,
    'the cluster was not changed',
  ).finally(() => progress.done());

  if (options.dryRun !== 'none') {
    if (options.output === 'json') io.out(toPrettyJson({ plan }));
    else io.out(`${planLines(plan, io.style).join('\n')}\n`);
    if (plan.refusals.length > 0) throw refused(plan);
    return ExitCode.ok;
  }
  for (const line of planLines(plan, io.style)) io.say(line);
  if (plan.refusals.length > 0) throw refused(plan);
  if (plan.nothingToDo) {
    if (options.output === 'json') io.out(toPrettyJson({ plan, outcome: 'nothing-to-do' }));
    return ExitCode.ok;
  }
  await askFirst(plan, options, context);

  // Only what a person had could be lost; a release that is gone leaves nothing to save.
  const writes = !isNothingToDo(plan);
  const safety =
    writes && live.history.length > 0
      ? await takeBackup(
          kube,
          store,
          {
            namespace: kube.namespace,
            release: selector.release,
            kind: 'safety',
            startedAt: context.now(),
            clusterName: source.document.cluster.name,
          },
          context,
        )
      : undefined;
  if (safety !== undefined)
    io.say(`Saved the present state first: ${selector.release}@${safety.document.id}`);
  const result = await carryOut(kube, source, live, plan, options.timeoutMs, context);
  return reportRestore({ ...result, plan, safety, startedAt }, options.output, context);
}

/** Reads the live release, asks the server and the pods, and works the plan out. Writes nothing. */
async function planRestore(
  kube: KubeClient,
  source: RestoreSource,
  options: RestoreOptions,
  context: CommandContext,
): Promise<{ live: LiveRelease; plan: Plan }> {
  const live = await readRelease(kube, {
    namespace: kube.namespace,
    release: source.document.release,
    alsoKinds: source.objects.map(({ ref }) => ref),
  });
  context.io.mask(secretsOf(source, live));
  const workloads = live.placed.filter(({ object, role }) => role === 'owned' && isWorkload(object));
  const targets = podTargets(
    workloads.map(({ object }) => object),
    live.all('ReplicaSet'),
    live.all('Pod'),
  );
  const [answers, pods] = await Promise.all([
    options.dryRun === 'client' ? unasked(source) : tryWrites(kube, source, live),
    askPods(targets, kube.portForward.bind(kube), { timeoutMs: POD_DEADLINE_MS, canary: false }),
  ]);
  const plan = makePlan({
    source,
    live,
    answers,
    livePods: pods.map(({ settings }) => settings),
    now: context.now(),
    options: { wholeRelease: options.wholeRelease },
  });
  return { live, plan };
}

function unasked(source: RestoreSource): Map<string, DryRunAnswer> {
  const answer: DryRunAnswer = { kind: 'unasked', why: '--dry-run=client does not ask the server' };
  return new Map(source.objects.map(({ ref }) => [keyOf(ref), answer]));
}

async function askFirst(plan: Plan, options: RestoreOptions, { io }: CommandContext): Promise<void> {
  if (options.yes) return;
  const untouched = 'the cluster was not changed';
  if (!io.interactive) {
    throw new UsageError('there is no terminal to ask on', {
      untouched,
      next: 'the same command with --yes',
    });
  }
  if (!(await io.confirm(`Restore ${plan.backup.release} in namespace ${plan.namespace.name}?`))) {
    throw new InterruptedError('not restored: the answer was no', { untouched });
  }
}

function refused(plan: Plan): ToolError {
  return new ToolError(`this restore can't be carried out: ${plan.refusals.join('; ')}`, {
    untouched: 'the cluster was not changed',
    next: `kubectl memcached-backup restore ${plan.backup.release}@${plan.backup.id} -n ${plan.namespace.name} --dry-run=server, once that is settled`,
  });
}

/** Values that must not reach any output, from both sides. */
function secretsOf(source: RestoreSource, live: LiveRelease): string[] {
  const objects = [
    ...source.objects.map(({ raw }) => raw),
    ...live.all('Secret'),
    ...live.placed.map(({ object }) => object),
  ];
  const values = [source.history, live.history].map((history) => effectiveRevision(history)?.document.config);
  return [...objects.flatMap(secretValuesOf), ...values.flatMap(secretHelmValues)];
}
