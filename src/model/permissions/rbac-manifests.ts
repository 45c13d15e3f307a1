import { createHash } from 'node:crypto';
import { UsageError } from '../../errors/tool-error.ts';
import type { JsonObject } from '../json/json.ts';
import { type KubeObject, labelsOf } from '../kubernetes/object.ts';
import type { PermissionCommand, PermissionRule } from './command-permissions.ts';

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

/** Whose permissions the roles hold. */
export interface RoleOwner {
  command: PermissionCommand;
  /** undefined: every namespace. */
  namespace: string | undefined;
  /** Whose backup was named. */
  release?: { namespace: string; name: string };
}

/**
 * "memcached-backup:restore:shop:cart". A ClusterRole lies in no namespace, and a Role may lie in that of another
 * release: only a name that says whose it is keeps one from replacing another's. No namespace has a colon in its
 * name, nor has a release, so that two owners never share one name.
 */
export function roleName({ command, namespace, release }: RoleOwner): string {
  const namespacePart = namespace ?? '';
  const parts =
    release === undefined
      ? namespace === undefined
        ? []
        : [namespacePart]
      : release.namespace === namespace
        ? [namespacePart, release.name]
        : [namespacePart, release.namespace, release.name];
  return shortened(['memcached-backup', command.replace(' ', '-'), ...parts].join(':'));
}

/** Binds each role to `subject`. Two subjects get two bindings: the second does not take the first's away. */
export function bindingsOf(roles: RoleManifest[], name: string, subject: Subject): JsonObject[] {
  const bindingName = shortened(`${name}:${subjectName(subject)}`);
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

/** Whether somebody made this role or binding of what `permissions` printed. */
export function isPrintedRole(object: KubeObject): boolean {
  return labelsOf(object)[NAME_LABEL] === OWN_LABEL[NAME_LABEL];
}

/** A user may be called anything: what no shell should meet is replaced, and a digest keeps two such apart. */
function subjectName({ kind, namespace, name }: Subject): string {
  const text = [kind.toLowerCase(), ...(namespace === undefined ? [] : [namespace]), name].join(':');
  const plain = text.replaceAll(/[^A-Za-z0-9:.@_-]/g, '-');
  return plain === text ? text : `${plain}-${digestOf(text)}`;
}

/** As long as other names may be (RFC 1123 subdomain); the API server sets RBAC's no limit of their own. */
const LONGEST = 253;

function shortened(name: string): string {
  if (name.length <= LONGEST) return name;
  const digest = digestOf(name);
  return `${name.slice(0, LONGEST - digest.length - 1)}-${digest}`;
}

/** 64 bits: no two names of one cluster share it by chance. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

const NAME_LABEL = 'app.kubernetes.io/name';
const OWN_LABEL = { [NAME_LABEL]: 'memcached-backup' };

function metadata(name: string, namespace: string | undefined): JsonObject {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { ...OWN_LABEL },
  };
}
