import { arrayAt, isObject, type Json, type JsonObject, objectAt, stringAt } from '../model/json/json.ts';
import { groupOf, type KubeObject, nameOf } from '../model/kubernetes/object.ts';
import type { PermissionRule } from '../model/permissions/command-permissions.ts';

const RBAC = 'rbac.authorization.k8s.io';

/**
 * What writing a backup's Roles and RoleBindings takes beside `create` and `update`: whoever writes a Role
 * must hold what it grants, or `escalate` on it; whoever binds one must hold it, or `bind` on it (Kubernetes,
 * "Using RBAC Authorization", "Privilege escalation prevention and bootstrapping"). A role that is in the
 * backup itself is held already, by the first part.
 * @param objects of the backup; others than Roles and RoleBindings don't matter.
 */
export function grantRules(objects: KubeObject[], namespace: string | undefined): PermissionRule[] {
  const rbac = objects.filter((object) => groupOf(String(object.apiVersion)) === RBAC);
  const roles = rbac.filter(({ kind }) => kind === 'Role');
  const own = new Set(roles.map((role) => nameOf(role)));
  const bindings = rbac.filter(({ kind }) => kind === 'RoleBinding');
  return [
    ...roles.flatMap((role) => heldRules(role, namespace)),
    ...bindings.flatMap((binding) => bindRule(binding, own, namespace)),
  ];
}

function heldRules(role: KubeObject, namespace: string | undefined): PermissionRule[] {
  const name = nameOf(role);
  return arrayAt(role, 'rules')
    .filter(isObject)
    .map((rule) => ({
      namespace,
      apiGroups: strings(rule.apiGroups),
      resources: strings(rule.resources),
      verbs: strings(rule.verbs),
      ...namesOf(rule),
      why: `granted by role "${name}" of the backup: to write it one must hold it, or "escalate" on roles`,
      orElse: { namespace, group: RBAC, resource: 'roles', verb: 'escalate', name },
    }));
}

function bindRule(
  binding: KubeObject,
  own: ReadonlySet<string>,
  namespace: string | undefined,
): PermissionRule[] {
  const kind = stringAt(objectAt(binding, 'roleRef'), 'kind') ?? '';
  const name = stringAt(objectAt(binding, 'roleRef'), 'name') ?? '';
  if (kind === 'Role' && own.has(name)) return [];
  return [
    {
      namespace,
      apiGroups: [RBAC],
      resources: [kind === 'ClusterRole' ? 'clusterroles' : 'roles'],
      verbs: ['bind'],
      resourceNames: [name],
      why: `rolebinding "${nameOf(binding)}" of the backup binds it`,
    },
  ];
}

function namesOf(rule: JsonObject): { resourceNames?: string[] } {
  const names = strings(rule.resourceNames);
  return names.length === 0 ? {} : { resourceNames: names };
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
