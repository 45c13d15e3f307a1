import {
  arrayAt,
  type Json,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
} from '../../model/json/json.ts';
import { annotationsOf, groupOf, type KubeObject, nameOf, refOf } from '../../model/kubernetes/object.ts';
import { podTemplateOf } from '../../model/kubernetes/workload.ts';

/**
 * What an object lets somebody do that nobody may by default: the rules of a Role, whom a RoleBinding gives one, and
 * what Pod Security's levels baseline and restricted keep pods from (Kubernetes, "Pod Security Standards"). In words,
 * for a person who decides whether it may be written: "get, list on secrets to serviceaccount/cart".
 */

const RBAC = 'rbac.authorization.k8s.io';

export interface GrantContext {
  /** RoleBindings of the backup and of the namespace: they tell whom a Role is given to. */
  bindings: readonly KubeObject[];
  /** Whether a ServiceAccount of this name belongs to the release itself. */
  isOwnAccount(name: string): boolean;
}

/**
 * What `object` grants and `live` does not.
 * @param live what is there now; undefined where nothing is.
 * @returns one clause for a Role, RoleBinding or ServiceAccount; for pods one for each privilege.
 */
export function newGrants(object: KubeObject, live: KubeObject | undefined, context: GrantContext): string[] {
  const { apiVersion, kind } = refOf(object);
  const group = groupOf(apiVersion);
  if (group === RBAC && kind === 'Role') return newRules(object, live, context.bindings);
  if (group === RBAC && kind === 'RoleBinding') return newSubjects(object, live);
  const before = new Set(live === undefined ? [] : privilegesOf(live));
  const privileges = privilegesOf(object).filter((privilege) => !before.has(privilege));
  return [
    ...new Set([...privileges, ...newAccount(object, live, context), ...ofItsController(object, live)]),
  ];
}

/** What a namespace's labels let its pods do, where they are written with it. */
export function namespaceGrants(labels: Readonly<Record<string, string>>): string[] {
  const level = labels['pod-security.kubernetes.io/enforce'];
  return level === 'privileged'
    ? ['its pods every privilege (pod-security.kubernetes.io/enforce: privileged)']
    : [];
}

function newRules(role: KubeObject, live: KubeObject | undefined, bindings: readonly KubeObject[]): string[] {
  const held = rulesOf(live);
  const lacking = rulesOf(role).flatMap((rule) => {
    const verbs = rule.verbs.filter(
      (verb) => !held.some((other) => covers(other, { ...rule, verbs: [verb] })),
    );
    return verbs.length === 0 ? [] : [{ ...rule, verbs }];
  });
  if (lacking.length === 0) return [];
  const byVerbs = Map.groupBy(lacking, ({ verbs }) => verbs.join(', '));
  const rules = [...byVerbs].map(
    ([verbs, group]) => `${verbs} on ${[...new Set(group.map(whatOf))].join(', ')}`,
  );
  const subjects = bindings
    .filter((binding) => {
      const { kind, name } = roleRefOf(binding);
      return kind === 'Role' && name === nameOf(role);
    })
    .flatMap((binding) => subjectsOf(binding));
  return [`${rules.join('; ')}${toWhom([...new Set(subjects)])}`];
}

/** One resource of one rule. */
interface Rule {
  verbs: string[];
  group: string;
  resource: string;
  /** Empty: all of them. */
  names: string[];
}

function rulesOf(role: KubeObject | undefined): Rule[] {
  return arrayAt(role, 'rules').flatMap((rule): Rule[] => {
    const [verbs, groups, names] = ['verbs', 'apiGroups', 'resourceNames'].map((field) =>
      strings(rule, field),
    );
    return groups!.flatMap((group) =>
      strings(rule, 'resources').map((resource) => ({ verbs: verbs!, group, resource, names: names! })),
    );
  });
}

/** Whether all that a rule allows is allowed by another (k8s.io/component-helpers/auth/rbac/validation, ruleCovers). */
function covers(held: Rule, wanted: Rule): boolean {
  const has = (list: string[], item: string): boolean => list.includes('*') || list.includes(item);
  return (
    wanted.verbs.every((verb) => has(held.verbs, verb)) &&
    has([held.group], wanted.group) &&
    has([held.resource], wanted.resource) &&
    (held.names.length === 0 ||
      (wanted.names.length > 0 && wanted.names.every((name) => held.names.includes(name))))
  );
}

function whatOf({ group, resource, names }: Rule): string {
  const kind = group === '' || (group === '*' && resource === '*') ? resource : `${resource}.${group}`;
  return names.length === 0 ? kind : names.map((name) => `${kind}/${name}`).join(', ');
}

function newSubjects(binding: KubeObject, live: KubeObject | undefined): string[] {
  const { kind, name } = roleRefOf(binding);
  const had = live === undefined ? undefined : roleRefOf(live);
  const isSameRole = had?.kind === kind && had.name === name;
  const before = new Set(live !== undefined && isSameRole ? subjectsOf(live) : []);
  const subjects = subjectsOf(binding).filter((subject) => !before.has(subject));
  return subjects.length === 0 ? [] : [`${kind.toLowerCase()}/${name}${toWhom(subjects)}`];
}

function roleRefOf(binding: KubeObject): { kind: string; name: string } {
  return {
    kind: stringAt(binding, 'roleRef', 'kind') ?? '',
    name: stringAt(binding, 'roleRef', 'name') ?? '',
  };
}

function subjectsOf(binding: KubeObject): string[] {
  const { namespace: own } = refOf(binding);
  return arrayAt(binding, 'subjects').map((subject) => {
    const name = stringAt(subject, 'name') ?? '';
    const kind = stringAt(subject, 'kind') ?? '';
    if (kind !== 'ServiceAccount') return `${kind.toLowerCase()} ${name}`;
    const namespace = stringAt(subject, 'namespace') ?? own;
    return `serviceaccount/${name}${namespace === own ? '' : ` of namespace ${namespace}`}`;
  });
}

function toWhom(subjects: string[]): string {
  return subjects.length === 0 ? '' : ` to ${subjects.join(', ')}`;
}

/** A pod's other account: what that one may do, its containers may. */
function newAccount(
  object: KubeObject,
  live: KubeObject | undefined,
  { isOwnAccount }: GrantContext,
): string[] {
  const account = accountOf(object);
  if (account === undefined || (live !== undefined && accountOf(live) === account)) return [];
  return live === undefined && isOwnAccount(account)
    ? []
    : [`its pods the rights of serviceaccount/${account}`];
}

function accountOf(object: KubeObject): string | undefined {
  const spec = objectAt(podTemplateOf(object), 'spec');
  const name = stringAt(spec, 'serviceAccountName') ?? stringAt(spec, 'serviceAccount');
  return name === undefined || name === '' || name === 'default' ? undefined : name;
}

/** Annotations by which a cloud lets the pods of a ServiceAccount act as an identity of its own. */
const CLOUD_IDENTITIES = [
  'azure.workload.identity/client-id',
  'eks.amazonaws.com/role-arn',
  'iam.gke.io/gcp-service-account',
];

function privilegesOf(object: KubeObject): string[] {
  if (object.kind === 'ServiceAccount') {
    const annotations = annotationsOf(object);
    return CLOUD_IDENTITIES.flatMap((name) =>
      annotations[name] === undefined ? [] : [`its pods ${name}: ${annotations[name]}`],
    );
  }
  if (object.kind === 'Service') {
    return arrayAt(object, 'spec', 'externalIPs').map(
      (address) => `the traffic to ${String(address)} (externalIPs)`,
    );
  }
  const template = podTemplateOf(object);
  const spec = objectAt(template, 'spec');
  return spec === undefined ? [] : podPrivileges(spec, annotationsOf(template!));
}

function podPrivileges(spec: JsonObject, annotations: Record<string, string>): string[] {
  const found = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field] === true);
  for (const volume of arrayAt(spec, 'volumes')) {
    const path = stringAt(volume, 'hostPath', 'path');
    if (path !== undefined) found.push(`hostPath ${path}`);
  }
  found.push(...contextPrivileges(objectAt(spec, 'securityContext')));
  for (const sysctl of arrayAt(spec, 'securityContext', 'sysctls')) {
    found.push(`sysctl ${stringAt(sysctl, 'name')}=${stringAt(sysctl, 'value')}`);
  }
  for (const [name, value] of Object.entries(annotations)) {
    const isProfile = /^(?:container\.(?:apparmor|seccomp)|seccomp)\.security\./.test(name);
    if (isProfile && value === 'unconfined') found.push(`${name}: unconfined`);
  }
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((field) =>
    arrayAt(spec, field),
  );
  for (const container of containers) {
    const name = stringAt(container, 'name') ?? '';
    found.push(...containerPrivileges(container).map((privilege) => `${privilege} (container ${name})`));
  }
  return found;
}

function containerPrivileges(container: Json): string[] {
  const context = objectAt(container, 'securityContext');
  const found = contextPrivileges(context);
  for (const field of ['privileged', 'allowPrivilegeEscalation']) {
    if (context?.[field] === true) found.push(field);
  }
  for (const capability of strings(objectAt(context, 'capabilities'), 'add'))
    found.push(`capability ${capability}`);
  if (context?.procMount === 'Unmasked') found.push('procMount Unmasked');
  for (const port of arrayAt(container, 'ports')) {
    const number = numberAt(port, 'hostPort') ?? 0;
    if (number !== 0) found.push(`hostPort ${number}`);
  }
  return found;
}

/** What pods and containers have alike. */
function contextPrivileges(context: JsonObject | undefined): string[] {
  const found: string[] = [];
  if (numberAt(context, 'runAsUser') === 0) found.push('runAsUser 0');
  for (const [field, what] of [
    ['seccompProfile', 'seccomp'],
    ['appArmorProfile', 'AppArmor'],
  ] as const) {
    if (stringAt(context, field, 'type') === 'Unconfined') found.push(`${what} unconfined`);
  }
  const type = stringAt(context, 'seLinuxOptions', 'type');
  if (type !== undefined) found.push(`SELinux type ${type}`);
  if (valueAt(context, 'windowsOptions', 'hostProcess') === true) found.push('hostProcess');
  return found;
}

/** Groups of custom resources that charts of memcached have, and whose controllers do what their names say. */
const KNOWN_GROUPS = [
  'autoscaling.k8s.io',
  'bitnami.com',
  'cert-manager.io',
  'cilium.io',
  'crd.projectcalico.org',
  'external-secrets.io',
  'gateway.networking.k8s.io',
  'grafana.integreatly.org',
  'keda.sh',
  'monitoring.coreos.com',
  'monitoring.googleapis.com',
  'networking.istio.io',
  'operator.victoriametrics.com',
  'projectcalico.org',
  'secrets-store.csi.x-k8s.io',
  'security.istio.io',
  'traefik.io',
];

/** What a custom resource does is what its controller makes of it, and nobody here knows that. */
function ofItsController(object: KubeObject, live: KubeObject | undefined): string[] {
  const group = groupOf(refOf(object).apiVersion);
  const isCustom = group.includes('.') && group !== RBAC && group !== 'networking.k8s.io';
  if (live !== undefined || !isCustom || KNOWN_GROUPS.includes(group)) return [];
  return [`whatever the controller of ${group} does for it`];
}

function strings(value: Json | undefined, field: string): string[] {
  return arrayAt(value, field).filter((item) => typeof item === 'string');
}
