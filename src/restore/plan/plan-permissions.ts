import type { HelmDriver } from '../../model/helm/helm-release.ts';
import { groupOf, keyOf } from '../../model/kubernetes/object.ts';
import { minorOf } from '../../model/kubernetes/server-version.ts';
import type { Permission, PermissionRule, ServedKind } from '../../model/permissions/command-permissions.ts';
import type { Plan, PlannedObject } from '../../model/plan/plan.ts';

/** What an action takes, and taking it back. */
const BY_ACTION: Record<PlannedObject['action'], string[]> = {
  create: ['create', 'patch', 'get', 'delete'],
  replace: ['update', 'patch', 'get'],
  recreate: ['delete', 'create', 'patch', 'get'],
  delete: ['delete', 'create', 'patch'],
  restart: ['get'],
  keep: [],
};

/** What Helm's part takes of the records, and taking it back. */
const HELM_VERBS: Record<Plan['helm']['action'], string[]> = {
  none: [],
  keep: [],
  'new-revision': ['create', 'update'],
  'create-history': ['create', 'update', 'delete'],
  'delete-history': ['delete'],
};

/**
 * What carrying this plan out takes, and undoing it: asked before the first write, because a restore must not
 * stop half way for want of a permission.
 * @param kindOf how an object's kind is served; objects of unknown kinds are passed over.
 * @param tried keys of the objects whose write the server was asked to try: it has said itself what is missing.
 */
export function rulesOfPlan(
  plan: Plan,
  kindOf: (object: PlannedObject) => ServedKind | undefined,
  tried: ReadonlySet<string>,
  helmDriver: HelmDriver,
): PermissionRule[] {
  const { name } = plan.namespace;
  const rule = (
    namespace: string | undefined,
    group: string,
    resource: string,
    verbs: string[],
  ): PermissionRule => ({ namespace, apiGroups: [group], resources: [resource], verbs, why: 'the plan' });
  const rules = plan.objects.flatMap((object): PermissionRule[] => {
    const kind = kindOf(object);
    if (kind === undefined) return [];
    const written = object.action === 'replace' ? 'update' : 'create';
    const isTried = tried.has(keyOf(object.ref)) && object.action !== 'delete';
    const isClaim = object.ref.kind === 'PersistentVolumeClaim';
    const verbs = BY_ACTION[object.action].filter(
      (verb) => !(isTried && verb === written) && !(isClaim && verb === 'delete'),
    );
    return [rule(name, groupOf(kind.apiVersion), kind.plural, verbs)];
  });
  const isEvicting = plan.paced?.workloads.some(({ kind }) => kind !== 'Deployment') === true;
  if (isEvicting || plan.objects.some(({ action }) => action === 'restart')) {
    rules.push(rule(name, '', 'pods/eviction', ['create']));
  }
  if (plan.stuckPods !== undefined) rules.push(rule(name, '', 'pods', ['delete']));
  const recordVerbs = HELM_VERBS[plan.helm.action];
  if (recordVerbs.length > 0) {
    rules.push(rule(name, '', helmDriver === 'secret' ? 'secrets' : 'configmaps', recordVerbs));
  }
  if (plan.namespace.action === 'create') rules.push(rule(undefined, '', 'namespaces', ['create', 'delete']));
  rules.push(rule(name, 'coordination.k8s.io', 'leases', ['create', 'update', 'delete']));
  // The proof, and the safety backup: the pods are asked.
  rules.push(rule(name, '', 'pods/portforward', ['get', 'create']));
  return rules;
}

/** From this minor version on a port-forward over WebSocket takes `create` too (AuthorizePodWebsocketUpgradeCreatePermission). */
const CREATES_PORT_FORWARDS = 35;

/**
 * Of permissions that one lacks, those that this server asks for.
 * @param serverVersion asked only where it matters.
 */
export async function asAskedHere(
  lacked: Permission[],
  serverVersion: () => Promise<string>,
): Promise<Permission[]> {
  const isNewer = ({ resource, verb }: Permission): boolean =>
    resource === 'pods/portforward' && verb === 'create';
  if (!lacked.some(isNewer)) return lacked;
  const minor = minorOf(await serverVersion());
  // Of an unknown version the answers of the pods tell.
  const isAsked = minor !== undefined && minor >= CREATES_PORT_FORWARDS;
  return isAsked ? lacked : lacked.filter((permission) => !isNewer(permission));
}
