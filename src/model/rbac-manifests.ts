import { UsageError } from '../errors/tool-error.ts';
import type { JsonObject } from './json.ts';
import type { PermissionRule } from './permissions.ts';

const API = 'rbac.authorization.k8s.io';

/** Whom a Role is bound to, as a RoleBinding names it. */
export interface Subject {
  kind: 'ServiceAccount' | 'User' | 'Group';
  name: string;
  /** Of a ServiceAccount. */
  namespace?: string;
}

/** A Role or ClusterRole: its text is written rule by rule, with the reason of each. */
export interface RoleManifest {
  /** apiVersion, kind and metadata. */
  head: JsonObject;
  rules: { why: string; rule: JsonObject }[];
}

/**
 * `system:serviceaccount:NS:NAME`, as the API server itself calls it, `user:NAME` or `group:NAME`.
 * @throws UsageError for anything else.
 */
export function parseSubject(text: string): Subject {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(text);
  if (account !== null) return { kind: 'ServiceAccount', namespace: account[1]!, name: account[2]! };
  const other = /^(user|group):(.+)$/.exec(text);
  if (other !== null) return { kind: other[1] === 'user' ? 'User' : 'Group', name: other[2]! };
  throw new UsageError(
    `"${text}" is nobody that a role can be bound to (expected system:serviceaccount:NAMESPACE:NAME, user:NAME or group:NAME)`,
  );
}

/** One Role a namespace, and a ClusterRole for what is cluster-wide; optional permissions included. */
export function rolesOf(rules: PermissionRule[], name: string): RoleManifest[] {
  const places = Map.groupBy(rules, ({ namespace }) => namespace);
  return [...places].map(([namespace, own]) => ({
    head: {
      apiVersion: `${API}/v1`,
      kind: namespace === undefined ? 'ClusterRole' : 'Role',
      metadata: metadata(name, namespace),
    },
    rules: own.map(({ apiGroups, resources, resourceNames, verbs, why }) => ({
      why,
      rule: { apiGroups, resources, ...(resourceNames === undefined ? {} : { resourceNames }), verbs },
    })),
  }));
}

/** Binds each role to `subject`. Two subjects get two bindings: the second does not take the first's away. */
export function bindingsOf(roles: RoleManifest[], name: string, subject: Subject): JsonObject[] {
  const bindingName = `${name}-${[subject.namespace, subject.name].filter(Boolean).join('-')}`.replaceAll(
    /[^A-Za-z0-9.-]/g,
    '-',
  );
  return roles.map(({ head }) => {
    const namespace = (head.metadata as JsonObject).namespace as string | undefined;
    return {
      apiVersion: `${API}/v1`,
      kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
      metadata: metadata(bindingName, namespace),
      roleRef: { apiGroup: API, kind: head.kind!, name },
      subjects: [subject.kind === 'ServiceAccount' ? { ...subject } : { ...subject, apiGroup: API }],
    };
  });
}

function metadata(name: string, namespace: string | undefined): JsonObject {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { 'app.kubernetes.io/name': 'memcached-backup' },
  };
}
