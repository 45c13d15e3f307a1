import { stringAt } from '../../model/json/json.ts';
import { type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import type { Permission } from '../../model/permissions/command-permissions.ts';
import {
  allows,
  names,
  rulesOfServiceAccount,
  type ServiceAccountRef,
} from '../../model/permissions/rbac-rules.ts';

/** Roles and their bindings as far as they can be read; a list that can't is undefined. */
export interface ReadableRbac {
  /** Of which Roles and RoleBindings were listed; undefined: of all. */
  namespace: string | undefined;
  roles: readonly KubeObject[] | undefined;
  roleBindings: readonly KubeObject[] | undefined;
  clusterRoles: readonly KubeObject[] | undefined;
  clusterRoleBindings: readonly KubeObject[] | undefined;
}

/**
 * What a service account lacks, by what can be read of roles and bindings. What those that can't be read may
 * give it is neither had nor missing: nobody can tell.
 */
export function judgeByBindings(
  account: ServiceAccountRef,
  needs: readonly Permission[],
  rbac: ReadableRbac,
): { missing: Permission[]; unknown: Permission[] } {
  const known = {
    roles: [...(rbac.roles ?? [])],
    roleBindings: [...(rbac.roleBindings ?? [])],
    clusterRoles: [...(rbac.clusterRoles ?? [])],
    clusterRoleBindings: [...(rbac.clusterRoleBindings ?? [])],
  };
  const denied = needs.filter((need) => {
    const rules = [need.namespace, undefined].flatMap((place) =>
      rulesOfServiceAccount(account, place, known),
    );
    return !allows(rules, need);
  });
  const { true: missing = [], false: unknown = [] } = Object.groupBy(denied, ({ namespace }) =>
    canTell(account, namespace, rbac) ? 'true' : 'false',
  );
  return { missing, unknown };
}

/** Whether everything that could give the account something there was read. */
function canTell(account: ServiceAccountRef, namespace: string | undefined, rbac: ReadableRbac): boolean {
  if (rbac.clusterRoleBindings === undefined) return false;
  const isListed = rbac.namespace === undefined || rbac.namespace === namespace;
  if (namespace !== undefined && (rbac.roleBindings === undefined || !isListed)) return false;
  const here = (rbac.roleBindings ?? []).filter((binding) => refOf(binding).namespace === namespace);
  const bound = [...rbac.clusterRoleBindings, ...(namespace === undefined ? [] : here)]
    .filter((binding) => names(binding, account))
    .map((binding) => stringAt(binding, 'roleRef', 'kind'));
  return (
    (rbac.roles !== undefined || !bound.includes('Role')) &&
    (rbac.clusterRoles !== undefined || !bound.includes('ClusterRole'))
  );
}
