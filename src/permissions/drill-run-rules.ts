import { builtInType } from '../kube/resource-types.ts';
import { DRILL_KINDS } from '../model/drill/harmless-object.ts';
import { NO_BACKUP, type PermissionRule, rulesFor } from '../model/permissions/command-permissions.ts';
import { releaseKinds } from './permission-scope.ts';
import { inNamespaces, ownPodRule } from './run-rules.ts';

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
