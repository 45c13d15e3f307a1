import { arrayAt, type Json, objectAt, stringAt } from '../json/json.ts';
import { type KubeObject, nameOf, refOf } from '../kubernetes/object.ts';
import type { Permission } from './command-permissions.ts';

/** A rule of a Role, or of a SelfSubjectRulesReview's answer. */
export interface PolicyRule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  /** Every object where empty. */
  resourceNames: string[];
}

/** Whom a binding may name. */
export interface ServiceAccountRef {
  namespace: string;
  name: string;
}

/** Everything that tells what a service account may do, as far as it can be read. */
export interface RbacObjects {
  roles: KubeObject[];
  roleBindings: KubeObject[];
  clusterRoles: KubeObject[];
  clusterRoleBindings: KubeObject[];
}

/**
 * Whether any of the rules allows it, as Kubernetes' RBAC authorizer decides
 * (k8s.io/component-helpers/auth/rbac/validation, plugin/pkg/auth/authorizer/rbac: RuleAllows).
 */
export function allows(rules: readonly PolicyRule[], { verb, group, resource, name }: Permission): boolean {
  const [, subresource] = resource.split('/');
  const resources = ['*', resource, ...(subresource === undefined ? [] : [`*/${subresource}`])];
  return rules.some(
    (rule) =>
      (rule.verbs.includes('*') || rule.verbs.includes(verb)) &&
      (rule.apiGroups.includes('*') || rule.apiGroups.includes(group)) &&
      rule.resources.some((each) => resources.includes(each)) &&
      (rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name))),
  );
}

/** `rules` of a Role or ClusterRole, `status.resourceRules` of a review. */
export function policyRules(entries: readonly Json[]): PolicyRule[] {
  return entries.map((entry) => ({
    verbs: strings(entry, 'verbs'),
    apiGroups: strings(entry, 'apiGroups'),
    resources: strings(entry, 'resources'),
    resourceNames: strings(entry, 'resourceNames'),
  }));
}

/**
 * The rules that bindings give a service account in a namespace, or cluster-wide where it is undefined: what
 * the authorizer would put together, from what can be read. Aggregated ClusterRoles carry their rules already.
 */
export function rulesOfServiceAccount(
  account: ServiceAccountRef,
  namespace: string | undefined,
  { roles, roleBindings, clusterRoles, clusterRoleBindings }: RbacObjects,
): PolicyRule[] {
  const inNamespace = roleBindings.filter((binding) => refOf(binding).namespace === namespace);
  const bound = [...clusterRoleBindings, ...(namespace === undefined ? [] : inNamespace)]
    .filter((binding) => names(binding, account))
    .map((binding) => ({
      kind: stringAt(binding, 'roleRef', 'kind'),
      name: stringAt(binding, 'roleRef', 'name'),
    }));
  return bound.flatMap(({ kind, name }) => {
    const candidates =
      kind === 'ClusterRole' ? clusterRoles : roles.filter((role) => refOf(role).namespace === namespace);
    const role = candidates.find((candidate) => nameOf(candidate) === name);
    return role === undefined ? [] : policyRules(arrayAt(role, 'rules'));
  });
}

/** Whether a binding gives its role to the service account, by its name or by one of its groups. */
export function names(binding: KubeObject, account: ServiceAccountRef): boolean {
  const { namespace, name } = account;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return arrayAt(binding, 'subjects').some((subject) => {
    const { kind, name: subjectName } = objectAt(subject) ?? {};
    if (kind === 'ServiceAccount') return isAccount(subject, binding, account);
    if (kind === 'User') return subjectName === `system:serviceaccount:${namespace}:${name}`;
    return kind === 'Group' && groups.includes(String(subjectName));
  });
}

/**
 * Whether a binding's subject is this very service account. One that names no namespace is of the binding's own
 * (appliesToUser in Kubernetes' plugin/pkg/auth/authorizer/rbac).
 */
export function isAccount(
  subject: Json,
  binding: KubeObject,
  { namespace, name }: ServiceAccountRef,
): boolean {
  return (
    stringAt(subject, 'kind') === 'ServiceAccount' &&
    stringAt(subject, 'name') === name &&
    (stringAt(subject, 'namespace') || refOf(binding).namespace) === namespace
  );
}

function strings(entry: Json, field: string): string[] {
  return arrayAt(entry, field).filter((value): value is string => typeof value === 'string');
}
