import type { RestoreSource } from '../../backup/source.ts';
import { missingPermissions } from '../../kube/access-review.ts';
import type { KubeClient, ResourceType } from '../../kube/client.ts';
import { readServerVersion } from '../../kube/cluster-identity.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { newestRevision } from '../../model/helm/helm-release.ts';
import { permissionsOf, permissionText } from '../../model/permissions/command-permissions.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { DryRunAnswer } from './dry-run.ts';
import { asAskedHere, rulesOfPlan } from './plan-permissions.ts';

/** What was asked and read for a plan. */
export interface PlanBasis {
  source: RestoreSource;
  live: LiveRelease;
  answers: Map<string, DryRunAnswer>;
}

/** Why a plan must not be carried out for want of a permission to read: it may rest on a gap. */
export function unreadRefusals({ denied }: LiveRelease): string[] {
  return denied.map(({ message }) => `the live release can't be read as a whole: ${message}`);
}

/** Which permissions a plan takes, and why it must not be carried out for want of some. */
export interface Lacking {
  /** The permissions, as text. */
  of: string;
  refusals: string[];
}

/**
 * Why a plan must not be carried out for want of a permission to write, found out by asking: a restore that
 * stops half way leaves more to repair than one that never begins.
 * @param known what the server said before: taken where it was asked about the same permissions.
 */
export async function lackingOf(
  kube: KubeClient,
  plan: Plan,
  { source, live, answers }: PlanBasis,
  known?: Lacking,
): Promise<Lacking> {
  const types = await Promise.all(
    plan.objects.map(async ({ ref }) => [ref, await kube.resourceType(ref.apiVersion, ref.kind)] as const),
  );
  const kinds = new Map<unknown, ResourceType | undefined>(types);
  const tried = new Set([...answers].flatMap(([key, { kind }]) => (kind === 'unasked' ? [] : [key])));
  const driver = newestRevision(source.history)?.driver ?? newestRevision(live.history)?.driver ?? 'secret';
  const rules = rulesOfPlan(plan, ({ ref }) => kinds.get(ref), tried, driver);
  const permissions = rules.flatMap(permissionsOf);
  const of = JSON.stringify(permissions);
  if (known?.of === of) return known;
  // Where the server gives no answer, the writes themselves will tell.
  const lacked = (await missingPermissions(kube, permissions)) ?? [];
  const missing = await asAskedHere(lacked, () => readServerVersion(kube));
  const refusals = missing.map(
    (permission) => `you lack a permission that it needs: ${permissionText(permission)}`,
  );
  return { of, refusals };
}
