import { type Check, type CheckResult, failed, ok, unchecked } from '../backup/checks/check-result.ts';
import { liveReleaseOf } from '../backup/live-release-of.ts';
import { secretsOfLive } from '../backup/release-secrets.ts';
import type { RestoreSource } from '../backup/source.ts';
import { InterruptedError, ToolError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type ClusterIdentity, readClusterIdentity } from '../kube/cluster-identity.ts';
import { kindKey } from '../kube/inventory.ts';
import { beginRelease, type ReleaseReading } from '../kube/read-release.ts';
import { displayName, keyOf } from '../model/kubernetes/object.ts';
import { type DryRunAnswer, tryWrites } from '../restore/plan/dry-run.ts';
import { isImmutable } from '../restore/plan/plan-refusals.ts';
import type { CommandContext } from '../session/context.ts';
import { isOtherCluster } from '../store/cluster-name.ts';
import { checkKinds } from './check-kinds.ts';

/**
 * What only a cluster can say of a backup: that it serves the kinds, and that it would take the objects. A
 * cluster that can't be asked spoils no other check.
 */
export async function checkAgainstCluster(
  source: RestoreSource,
  context: CommandContext,
): Promise<CheckResult[]> {
  let kinds: CheckResult[];
  let asked: Asked;
  try {
    const kube = await context.kube();
    asked = beginAsking(kube, source);
    kinds = await checkKinds(kube, source.document.objects);
  } catch (error) {
    return [notAsked('api-versions', error), notAsked('dry-run', error)];
  }
  try {
    return [...kinds, ...(await checkDryRun(asked, withServedKinds(source, kinds), context))];
  } catch (error) {
    return [...kinds, notAsked('dry-run', error)];
  }
}

/** What is asked of the cluster whatever it serves, under way. Whoever does not wait for it does not hear of its errors. */
interface Asked {
  kube: KubeClient;
  identity: Promise<ClusterIdentity>;
  begun: ReleaseReading;
}

function beginAsking(kube: KubeClient, { document }: RestoreSource): Asked {
  const identity = readClusterIdentity(kube);
  identity.catch(() => {});
  const begun = beginRelease(kube, { namespace: document.namespace.name, release: document.release });
  return { kube, identity, begun };
}

/** Who may not ask can't do more about it here; who gets no answer, or names no cluster, can. */
function notAsked(check: Check, error: unknown): CheckResult {
  if (!(error instanceof ToolError) || error instanceof InterruptedError) throw error;
  const matters = !(error instanceof ApiError && error.status === 403);
  return { check, what: 'the cluster', status: 'unchecked', why: error.message, matters };
}

/** A kind that is not served has failed already; asking for its dry run would end the others. */
function withServedKinds(source: RestoreSource, kinds: CheckResult[]): RestoreSource {
  const missing = new Set(kinds.filter(({ status }) => status === 'failed').map(({ what }) => what));
  const objects = source.objects.filter(({ ref }) => !missing.has(`${ref.apiVersion} ${ref.kind}`));
  return { ...source, objects };
}

async function checkDryRun(
  { kube, begun, ...asked }: Asked,
  source: RestoreSource,
  context: CommandContext,
): Promise<CheckResult[]> {
  const { cluster } = source.document;
  const [identity, live] = await Promise.all([
    asked.identity,
    // A dry run needs no history; who may not list Secrets can have the rest tried.
    liveReleaseOf(kube, source, { withoutHistory: true, begun }),
  ]);
  if (isOtherCluster(cluster, identity)) {
    context.io.warn(
      `the backup is of another cluster, ${cluster.name}: API versions and dry runs are those of this one`,
    );
  }
  context.io.mask(secretsOfLive(live));
  const answers = await tryWrites(kube, source, live);
  const unseen = new Set(live.denied.map(({ type }) => kindKey(type.apiVersion, type.kind)));
  return source.objects.map(({ ref }) => {
    const answer = answers.get(keyOf(ref));
    return isTaken(answer) && unseen.has(kindKey(ref.apiVersion, ref.kind))
      ? unchecked('dry-run', displayName(ref), 'it exists, and may not be read to try a replacement')
      : resultOf(displayName(ref), answer);
  });
}

/** What may not be looked for was tried as if it were not there. */
function isTaken(answer: DryRunAnswer | undefined): boolean {
  return answer?.kind === 'refused' && answer.reason === 'AlreadyExists';
}

/** Refusals for what is in the cluster, not in the backup, leave an object unchecked. */
function resultOf(what: string, answer: DryRunAnswer | undefined): CheckResult {
  if (answer?.kind === 'accepted') return ok('dry-run', what);
  if (answer?.kind !== 'refused') return unchecked('dry-run', what, answer?.why ?? 'nobody was asked');
  if (isImmutable(answer)) {
    return unchecked('dry-run', what, 'a restore would delete it and make it again, which no dry run tries');
  }
  const { status, message } = answer;
  if (status === 409 || status === 429 || status >= 500) {
    return { check: 'dry-run', what, status: 'unchecked', why: message, matters: true };
  }
  // RBAC's words, and those for a namespace that is being deleted; an admission policy has others.
  return status === 403 && /\bcannot \w+ resource\b|being terminated/.test(message)
    ? unchecked('dry-run', what, message)
    : failed('dry-run', what, message);
}
