import { builtInType } from '../kube/resource-types.ts';
import { DRILL_KINDS } from '../model/drill/harmless-object.ts';
import { NO_BACKUP, type PermissionRule, rulesFor } from '../model/permissions/command-permissions.ts';
import { releaseKinds } from './permission-scope.ts';
import { inNamespaces, ownPodRule } from './run-rules.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** Of a schedule's drills, as far as permissions depend on it. */
export interface DrillScope {
  /** The schedule's namespace. */
  namespace: string;
  /** The namespace that drills are held in. */
  into: string;
  /** The store lies on a claim, which the pods mount. */
  isOnClaim: boolean;
}

/**
 * What a schedule's drills may do: what `permissions drill --into` prints, but for what is cluster-wide. They make no namespace, and how
 * much room the nodes have they do not see.
 */
export function drillRunRules({ namespace, into, isOnClaim }: DrillScope): PermissionRule[] {
  const made = DRILL_KINDS.flatMap(([apiVersion, kind]) => builtInType(apiVersion, kind) ?? []);
  const rules = rulesFor('drill', {
    namespace: into,
    releaseKinds: releaseKinds(),
    doctorKinds: [],
    backupKinds: { ...NO_BACKUP, created: made, deleted: made, workloads: true },
    namespaceMissing: false,
  })
    .map(inNamespaces)
    .filter((rule) => rule.namespace !== undefined);
  return isOnClaim ? [...rules, ownPodRule(namespace)] : rules;
}

/** What installing a schedule with drills takes besides: to write their role one must hold what it grants, or `escalate`. */
export function grantsOfDrills(scope: DrillScope): PermissionRule[] {
  const held = drillRunRules(scope).map((rule): PermissionRule => {
    const { namespace } = rule;
    return {
      ...rule,
      why: 'granted to the drills: to write their role one must hold it, or "escalate"',
      ...(namespace === scope.into || namespace === scope.namespace ? {} : { optional: true as const }),
      orElse: { namespace, group: RBAC, resource: 'roles', verb: 'escalate' },
    };
  });
  return [
    {
      namespace: undefined,
      apiGroups: [''],
      resources: ['namespaces'],
      verbs: ['get', 'create', 'patch'],
      optional: true,
      why: 'the namespace of the drills, where it is missing',
    },
    {
      namespace: scope.into,
      apiGroups: [RBAC],
      resources: ['roles', 'rolebindings'],
      verbs: ['get', 'create', 'patch', 'delete'],
      why: 'what the drills may do there',
    },
    ...held,
  ];
}

/** What uninstalling one takes besides. */
export function awayRulesOfDrills(into: string): PermissionRule[] {
  return [
    {
      namespace: into,
      apiGroups: [RBAC],
      resources: ['roles', 'rolebindings'],
      verbs: ['get', 'delete'],
      why: 'what the drills may do there',
    },
  ];
}
