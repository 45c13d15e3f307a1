import { NO_BACKUP, type PermissionRule, rulesFor } from '../model/permissions/command-permissions.ts';
import { doctorKinds, releaseKinds } from './permission-scope.ts';

/** What a schedule is, as far as permissions depend on it. */
export interface ScheduleScope {
  /** The schedule's namespace. */
  namespace: string;
  /** -A: its runs back up every namespace. */
  allNamespaces: boolean;
  /** Its store lies on a claim, which its pods mount. */
  isOnClaim: boolean;
}

/** What a schedule's runs may do: what `permissions backup` prints, and what a run in a pod takes besides. */
export function runRules({ namespace, allNamespaces, isOnClaim }: ScheduleScope): PermissionRule[] {
  const rules = rulesFor('backup', {
    namespace: allNamespaces ? undefined : namespace,
    releaseKinds: releaseKinds(),
    doctorKinds: doctorKinds(),
    backupKinds: NO_BACKUP,
    namespaceMissing: false,
  }).map((rule) => (allNamespaces ? rule : inNamespaces(rule)));
  if (!isOnClaim) return rules;
  return [...rules, ownPodRule(namespace)];
}

/** Of a run whose store lies on a claim. */
export function ownPodRule(namespace: string): PermissionRule {
  return {
    namespace,
    apiGroups: [''],
    resources: ['pods'],
    verbs: ['get'],
    why: "its own pod: that it mounts the store's claim",
  };
}

/** To get one namespace a Role in it is enough: the request's namespace is the object's name. Nothing is cluster-wide then. */
export function inNamespaces(rule: PermissionRule): PermissionRule {
  const [name, ...others] = rule.resourceNames ?? [];
  const isOne = rule.resources.join() === 'namespaces' && name !== undefined && others.length === 0;
  return rule.namespace === undefined && isOne ? { ...rule, namespace: name } : rule;
}

const RBAC = 'rbac.authorization.k8s.io';

/** What uninstalling a schedule takes outside of its namespace. */
export function awayRules({ allNamespaces }: Pick<ScheduleScope, 'allNamespaces'>): PermissionRule[] {
  const remove = { apiGroups: [RBAC], verbs: ['get', 'delete'] };
  const elsewhere: PermissionRule = {
    ...remove,
    namespace: 'kube-system',
    resources: ['roles', 'rolebindings'],
    optional: true,
    why: 'the role by which the runs tell this cluster from others; without it, it stays, and that is said',
  };
  const everywhere: PermissionRule = {
    ...remove,
    namespace: undefined,
    resources: ['clusterroles', 'clusterrolebindings'],
    why: 'what the runs may do in every namespace',
  };
  return [elsewhere, ...(allNamespaces ? [everywhere] : [])];
}

/**
 * What installing a schedule takes because of what its runs may do: whoever writes a Role must hold what it grants, or `escalate`
 * (Kubernetes, "Using RBAC Authorization", "Privilege escalation prevention and bootstrapping").
 */
export function grantsOfSchedule(scope: ScheduleScope): PermissionRule[] {
  const isHere = ({ namespace }: PermissionRule): boolean => namespace === scope.namespace;
  const held = runRules(scope).map((rule): PermissionRule => {
    const resource = rule.namespace === undefined ? 'clusterroles' : 'roles';
    return {
      ...rule,
      why: 'granted to the runs: to write their role one must hold it, or "escalate"',
      ...(isHere(rule) || rule.namespace === undefined ? {} : { optional: true as const }),
      orElse: { namespace: rule.namespace, group: RBAC, resource, verb: 'escalate' },
    };
  });
  const write = ['get', 'create', 'patch', 'delete'];
  const elsewhere: PermissionRule = {
    namespace: 'kube-system',
    apiGroups: [RBAC],
    resources: ['roles', 'rolebindings'],
    verbs: write,
    optional: true,
    why: "lets the runs tell this cluster from others by kube-system's uid; without it, the CA certificate does",
  };
  const everywhere: PermissionRule = {
    namespace: undefined,
    apiGroups: [RBAC],
    resources: ['clusterroles', 'clusterrolebindings'],
    verbs: write,
    why: 'what the runs may do in every namespace',
  };
  return [...held, elsewhere, ...(scope.allNamespaces ? [everywhere] : [])];
}
