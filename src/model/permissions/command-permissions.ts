import { groupOf } from '../kubernetes/object.ts';

/** The commands that have permissions of their own. */
export type PermissionCommand =
  | 'backup'
  | 'list'
  | 'show'
  | 'diff'
  | 'verify'
  | 'restore'
  | 'rollback'
  | 'warm'
  | 'drill'
  | 'snapshot'
  | 'status'
  | 'prune'
  | 'runbook'
  | 'doctor'
  | 'alerts'
  | 'schedule install'
  | 'schedule status'
  | 'schedule run'
  | 'schedule logs'
  | 'schedule suspend'
  | 'schedule resume'
  | 'schedule uninstall';

/** Some permissions that are needed for one reason, as a rule of a Role has them. */
export interface PermissionRule {
  /** Where; undefined: cluster-wide. */
  namespace: string | undefined;
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  /** Only these objects; all of them where absent. */
  resourceNames?: string[];
  why: string;
  /** Without it the command does less, and says so; `why` tells what for. */
  optional?: true;
  /** Another permission that makes up for the whole rule. */
  orElse?: Permission;
}

/** One question to the API server: may I? */
export interface Permission {
  namespace: string | undefined;
  group: string;
  /** The plural, with its subresource: "pods/portforward". */
  resource: string;
  verb: string;
  name?: string;
}

/** How a kind is called in rules. */
export interface ServedKind {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

/** What the rules of a command depend on. */
export interface PermissionScope {
  /** Of the release; undefined: every namespace. */
  namespace: string | undefined;
  /** Kinds that are read for every release. */
  releaseKinds: ServedKind[];
  /** Kinds that doctor lists beyond those. */
  doctorKinds: ServedKind[];
  /** Kinds that the backup holds, and what it is to do with them; empty where no backup was named. */
  backupKinds: BackupKinds;
  /** The namespace does not exist. */
  namespaceMissing: boolean;
}

export interface BackupKinds {
  /** Every one, recorded ones too. */
  all: ServedKind[];
  /** Those whose objects a restore creates where they are missing. */
  created: ServedKind[];
  /** Those whose objects it also writes over. */
  replaced: ServedKind[];
  /** Those whose objects it may delete: to make them again, or because an undo takes back what it made. */
  deleted: ServedKind[];
  /** Where Helm keeps its records; undefined without Helm. */
  helmRecords: ServedKind | undefined;
  /** Whether there are memcached workloads, whose pods it may have to restart. */
  workloads: boolean;
  /** Whether StatefulSets are among them, whose pods it may have to delete. */
  statefulSets: boolean;
  /** Objects of other namespaces, and cluster-wide ones (undefined), that the release's manifest names. */
  elsewhere: { kind: ServedKind; namespace: string | undefined; name: string }[];
}

/** Where no backup was named. */
export const NO_BACKUP: BackupKinds = {
  all: [],
  created: [],
  replaced: [],
  deleted: [],
  helmRecords: undefined,
  workloads: false,
  statefulSets: false,
  elsewhere: [],
};

type KindSet =
  | 'releaseKinds'
  | 'doctorKinds'
  | Exclude<keyof BackupKinds, 'workloads' | 'statefulSets' | 'elsewhere'>;

type CoreResource =
  | 'pods'
  | 'pods/portforward'
  | 'pods/eviction'
  | 'pods/log'
  | 'events'
  | 'resourcequotas'
  | 'limitranges';

/** Permissions a command needs, by what they are for. */
interface Need {
  /** A set of kinds, a resource of the core group, or resources of any. */
  on:
    | KindSet
    | CoreResource
    | 'namespaces'
    | 'leases'
    | 'cronjobs'
    | 'prometheusrules'
    | 'workloads'
    | 'storageclasses'
    | 'node room'
    | 'persistentvolumes'
    | 'subjectaccessreviews'
    | 'everything'
    | { group: string; resources: string[] };
  verbs: string[];
  why: string;
  /** One object that is meant, of all of its kind. */
  only?: 'own namespace' | 'kube-system';
  /** When it is needed; always where absent. */
  when?: 'every namespace' | 'one namespace' | 'namespace missing' | 'workloads' | 'stateful sets';
  optional?: true;
}

const OWN_NAMESPACE: Need = {
  on: 'namespaces',
  only: 'own namespace',
  verbs: ['get'],
  when: 'one namespace',
  why: "the namespace's labels and annotations, and whether it exists",
};
const EACH_NAMESPACE: Need = {
  on: 'namespaces',
  verbs: ['get'],
  when: 'every namespace',
  optional: true,
  why: 'of each release, whether its namespace is there to stay',
};
const CLUSTER_IDENTITY: Need = {
  on: 'namespaces',
  only: 'kube-system',
  verbs: ['get'],
  optional: true,
  why: 'tells this cluster from others; without it, the CA certificate does',
};
const READ_OBJECTS: Need[] = [
  {
    on: 'releaseKinds',
    verbs: ['list'],
    why: "what belongs to the release, Helm's records, and how its pods are",
  },
  { on: 'all', verbs: ['list'], why: 'further kinds that the backup holds' },
  OWN_NAMESPACE,
  CLUSTER_IDENTITY,
];
const ASK_PODS: Need[] = [
  { on: 'pods/portforward', verbs: ['get'], why: 'asks memcached itself for its settings' },
  {
    on: 'pods/portforward',
    verbs: ['create'],
    why: 'the same; Kubernetes asks for both from 1.35 on (AuthorizePodWebsocketUpgradeCreatePermission)',
  },
];
/** Only pods have to be found and asked; what else a release has tells it from others. */
const MOVE_ITEMS: Need[] = [
  ...READ_OBJECTS.map((need): Need => ({ ...need, optional: true })),
  ...ASK_PODS.map(
    (need): Need => ({ ...need, why: 'asks memcached itself for its items, or gives it some' }),
  ),
];
const TRY_WRITES: Need[] = [
  {
    on: 'replaced',
    verbs: ['update'],
    optional: true,
    why: 'dry runs only: what the server itself would fill in is then no difference',
  },
];

const TRY_RESTORE: Need[] = [
  {
    on: 'created',
    verbs: ['create'],
    optional: true,
    why: 'dry runs only: whether the server would take the objects',
  },
  {
    on: 'replaced',
    verbs: ['update'],
    optional: true,
    why: 'dry runs only: whether the server would take the objects',
  },
];

const CHECKLIST: Need[] = [
  { on: 'cronjobs', verbs: ['list'], optional: true, why: 'when the next backup is due' },
  {
    on: 'prometheusrules',
    verbs: ['list'],
    optional: true,
    why: 'of the checklist: whether alerts watch the backups',
  },
];

const POD_LIMITS = (['resourcequotas', 'limitranges'] as const).map(
  (on): Need => ({ on, verbs: ['list'], optional: true, why: 'whether the pods will fit' }),
);

const RBAC = 'rbac.authorization.k8s.io';

/** To start a run and see what becomes of it (src/schedule/run-now.ts, follow-job.ts). */
const FOLLOW_RUN: Need[] = [
  { on: { group: 'batch', resources: ['jobs'] }, verbs: ['create'], why: 'a run, now' },
  { on: { group: 'batch', resources: ['jobs'] }, verbs: ['get'], why: 'whether it has ended' },
  { on: 'pods', verbs: ['list'], why: 'what its pods said last, and why one does not start' },
  { on: 'events', verbs: ['list'], optional: true, why: 'why its pod does not start' },
];

const FIND_SCHEDULE: Need = { on: 'cronjobs', verbs: ['list'], why: 'which schedules there are' };
const SUSPEND: Need[] = [FIND_SCHEDULE, { on: 'cronjobs', verbs: ['patch'], why: 'whether it is suspended' }];

/** `undo` needs the same. */
const RESTORE: readonly Need[] = [
  ...READ_OBJECTS,
  ...ASK_PODS,
  { on: 'created', verbs: ['create'], why: 'objects that are missing' },
  { on: 'created', verbs: ['patch'], why: 'gives fields back to the managers that owned them' },
  { on: 'created', verbs: ['get'], why: 'reads again what a controller moved meanwhile' },
  { on: 'replaced', verbs: ['update'], why: 'objects that differ' },
  { on: 'deleted', verbs: ['delete'], why: 'objects that must be made anew, and undo' },
  {
    on: 'helmRecords',
    verbs: ['create', 'update', 'delete'],
    why: "Helm's record of the release, and undo",
  },
  {
    on: 'leases',
    verbs: ['get', 'create', 'update', 'delete'],
    why: 'keeps two restores of a release apart',
  },
  {
    on: 'pods/eviction',
    verbs: ['create'],
    when: 'workloads',
    why: 'restarts pods that do not run with their settings, as PodDisruptionBudgets allow',
  },
  {
    on: 'pods',
    verbs: ['patch'],
    optional: true,
    when: 'workloads',
    why: "with --warm-from-old: that a Deployment's pod whose items were carried over is the next to go",
  },
  {
    on: 'pods',
    verbs: ['delete'],
    when: 'stateful sets',
    why: 'deletes pods that never became ready and that their StatefulSet would wait for for ever',
  },
  {
    on: 'events',
    verbs: ['list'],
    optional: true,
    when: 'workloads',
    why: 'why a StatefulSet or a DaemonSet can not make its pods',
  },
  ...POD_LIMITS,
  {
    on: 'namespaces',
    verbs: ['create', 'delete'],
    when: 'namespace missing',
    why: 'the namespace is missing; undo deletes it again where nothing else is in it',
  },
  {
    on: 'everything',
    verbs: ['list'],
    when: 'namespace missing',
    optional: true,
    why: 'whether something else is in the namespace when undo deletes it; without it, the namespace stays',
  },
];

/**
 * What each command needs, derived from the requests that it sends (src/kube/read-release.ts, src/restore) and
 * held to them by test/e2e/permissions.test.ts. `list` and `show` read the store alone.
 */
const NEEDS: Record<PermissionCommand, readonly Need[]> = {
  list: [],
  show: [],
  backup: [
    ...READ_OBJECTS,
    { on: 'namespaces', verbs: ['list'], when: 'every namespace', why: 'their labels and annotations' },
    ...ASK_PODS,
  ],
  diff: [...READ_OBJECTS, ...ASK_PODS, ...TRY_WRITES],
  verify: [...READ_OBJECTS.map((need): Need => ({ ...need, optional: true })), ...TRY_RESTORE],
  status: [
    ...[...READ_OBJECTS, ...ASK_PODS].map((need): Need => ({ ...need, optional: true })),
    EACH_NAMESPACE,
    ...CHECKLIST,
  ],
  runbook: [...READ_OBJECTS.map((need): Need => ({ ...need, optional: true })), EACH_NAMESPACE, ...CHECKLIST],
  warm: MOVE_ITEMS,
  snapshot: MOVE_ITEMS,
  // Without them, it takes every release for gone and removes nothing.
  prune: [
    {
      on: 'workloads',
      verbs: ['list'],
      optional: true,
      why: 'which releases are still there; of the others every backup stays',
    },
    CLUSTER_IDENTITY,
  ],
  // It says what it could not see.
  doctor: [
    ...[...READ_OBJECTS, ...ASK_PODS].map((need): Need => ({ ...need, optional: true })),
    EACH_NAMESPACE,
    { on: 'doctorKinds', verbs: ['list'], optional: true, why: 'what explains a failure' },
    ...POD_LIMITS,
    { on: 'storageclasses', verbs: ['list'], optional: true, why: 'why a claim is not bound' },
    { on: 'persistentvolumes', verbs: ['list'], optional: true, why: 'why a claim is not bound' },
    { on: 'leases', verbs: ['get'], optional: true, why: 'whether a restore is under way, or died' },
    ...TRY_RESTORE,
    {
      on: 'pods',
      verbs: ['create'],
      when: 'workloads',
      optional: true,
      why: 'dry runs only: whether Pod Security, quotas and policies would let the pods in',
    },
    { on: 'pods/log', verbs: ['get'], optional: true, why: 'the last words of what failed' },
    {
      on: 'subjectaccessreviews',
      verbs: ['create'],
      optional: true,
      why: 'what the service accounts of backups may do; without it, Roles and bindings tell',
    },
    ...TRY_WRITES,
  ],
  restore: RESTORE,
  rollback: RESTORE,
  // Of the namespace that it is held in; of every one where it makes that itself.
  drill: [
    ...READ_OBJECTS,
    ...ASK_PODS,
    { on: 'created', verbs: ['create'], why: 'what the drill makes' },
    { on: 'created', verbs: ['patch'], why: 'gives fields back to the managers that owned them' },
    { on: 'created', verbs: ['get'], why: 'reads again what a controller moved meanwhile' },
    { on: 'deleted', verbs: ['delete'], why: 'what the drill made goes again' },
    ...[
      { group: '', resources: ['persistentvolumeclaims'] },
      { group: 'autoscaling', resources: ['horizontalpodautoscalers'] },
      { group: 'networking.k8s.io', resources: ['ingresses'] },
      { group: 'policy', resources: ['poddisruptionbudgets'] },
    ].map(
      (on): Need => ({
        on,
        verbs: ['create'],
        optional: true,
        why: 'dry runs only: whether the server would take what a drill leaves out',
      }),
    ),
    {
      on: { group: '', resources: ['configmaps', 'secrets'] },
      verbs: ['update'],
      why: "Helm's record of the copy",
    },
    {
      on: 'namespaces',
      verbs: ['get', 'list', 'create', 'delete'],
      when: 'every namespace',
      why: 'the namespace that the drill makes for itself, and those that others left',
    },
    {
      on: 'leases',
      verbs: ['get', 'create', 'update', 'delete'],
      why: 'keeps two drills in one namespace apart',
    },
    {
      on: 'node room',
      verbs: ['list'],
      optional: true,
      why: 'how many pods there is room for',
    },
    ...POD_LIMITS,
    {
      on: 'events',
      verbs: ['list'],
      optional: true,
      why: 'how long images were pulled, and why pods do not start',
    },
  ],
  alerts: [
    {
      on: 'cronjobs',
      verbs: ['list'],
      optional: true,
      why: 'which schedules there are; without it, the one of --name is watched',
    },
  ],
  // Of the schedule's own namespace; what its runs may do is added by src/permissions/schedule-rules.ts.
  'schedule install': [
    {
      on: { group: '', resources: ['serviceaccounts', 'persistentvolumeclaims'] },
      verbs: ['get', 'create', 'patch'],
      why: "the runs' account, and the store's claim where it is missing",
    },
    {
      on: { group: RBAC, resources: ['roles', 'rolebindings'] },
      verbs: ['get', 'create', 'patch'],
      why: 'what the runs may do',
    },
    {
      on: { group: 'batch', resources: ['cronjobs'] },
      verbs: ['get', 'create', 'patch'],
      why: 'the CronJob; with --replace, to suspend the old one',
    },
    {
      on: 'cronjobs',
      verbs: ['list'],
      optional: true,
      why: 'other CronJobs that back memcached up',
    },
    {
      on: { group: '', resources: ['serviceaccounts'] },
      verbs: ['delete'],
      optional: true,
      why: 'one that was made before, where the runs get another',
    },
    {
      on: { group: '', resources: ['secrets', 'configmaps'] },
      verbs: ['get'],
      optional: true,
      why: 'whether the Secrets and the ConfigMap that are named have the keys that runs take',
    },
    ...FOLLOW_RUN,
    CLUSTER_IDENTITY,
  ],
  'schedule status': [
    FIND_SCHEDULE,
    ...['jobs', 'pods', 'events'].map(
      (resource): Need => ({
        on: { group: resource === 'jobs' ? 'batch' : '', resources: [resource] },
        verbs: ['list'],
        optional: true,
        why: 'how runs ended, and why one failed',
      }),
    ),
    { on: 'pods/log', verbs: ['get'], optional: true, why: 'the last words of a run that left no others' },
    CLUSTER_IDENTITY,
  ],
  'schedule run': [
    FIND_SCHEDULE,
    ...FOLLOW_RUN.map((need): Need => (need.on === 'pods' ? { ...need, optional: true } : need)),
    { on: 'pods/log', verbs: ['get'], optional: true, why: 'its log' },
  ],
  'schedule logs': [
    FIND_SCHEDULE,
    { on: { group: 'batch', resources: ['jobs'] }, verbs: ['list'], why: 'which runs are kept' },
    { on: 'pods', verbs: ['list'], why: 'the pods of a run' },
    { on: 'pods/log', verbs: ['get'], why: 'the log' },
    {
      on: { group: 'batch', resources: ['jobs'] },
      verbs: ['get'],
      optional: true,
      why: 'with --follow: whether it has ended',
    },
    { on: 'events', verbs: ['list'], optional: true, why: 'with --follow: why its pod does not start' },
  ],
  'schedule suspend': SUSPEND,
  'schedule resume': SUSPEND,
  'schedule uninstall': [
    { on: 'cronjobs', verbs: ['get', 'delete'], why: 'the CronJob; its Jobs and pods go with it' },
    {
      on: { group: RBAC, resources: ['roles', 'rolebindings'] },
      verbs: ['get', 'delete'],
      why: 'what the runs may do',
    },
    { on: { group: '', resources: ['serviceaccounts'] }, verbs: ['get', 'delete'], why: "the runs' account" },
    {
      on: 'cronjobs',
      verbs: ['list'],
      optional: true,
      why: 'other schedules, where there is none of the name',
    },
  ],
};

export const PERMISSION_COMMANDS = Object.keys(NEEDS) as PermissionCommand[];

/** The rules under which a command does all of its work, one a reason and API group. */
export function rulesFor(command: PermissionCommand, scope: PermissionScope): PermissionRule[] {
  const known = new Set<string>();
  const needs = NEEDS[command].filter(({ when }) => applies(when, scope));
  // Kinds of the backup that every release is read for anyway are not said twice.
  const rules = needs.flatMap((need) => rulesOfNeed(need, scope).flatMap((rule) => unknownPart(rule, known)));
  return needs.length === 0 ? [] : [...rules, ...scope.backupKinds.elsewhere.map(ruleElsewhere)];
}

function ruleElsewhere({ kind, namespace, name }: BackupKinds['elsewhere'][number]): PermissionRule {
  return {
    namespace,
    apiGroups: [groupOf(kind.apiVersion)],
    resources: [kind.plural],
    resourceNames: [name],
    verbs: ['get'],
    why: "the release's manifest names this object outside its namespace: whether it bears the release's marks, by its metadata",
  };
}

function applies(when: Need['when'], { namespace, namespaceMissing, backupKinds }: PermissionScope): boolean {
  switch (when) {
    case 'every namespace':
      return namespace === undefined;
    case 'one namespace':
      return namespace !== undefined;
    case 'namespace missing':
      return namespaceMissing;
    case 'workloads':
      return backupKinds.workloads;
    case 'stateful sets':
      return backupKinds.statefulSets;
    default:
      return true;
  }
}

function rulesOfNeed({ on, only, verbs, why, optional }: Need, scope: PermissionScope): PermissionRule[] {
  const rest = { verbs, why, ...(optional === undefined ? {} : { optional }) };
  if (on === 'namespaces') {
    // A Role covers its own namespace's object too: the request's namespace is the object's name.
    const namespace = only === 'own namespace' ? scope.namespace : undefined;
    const name = only === 'own namespace' ? scope.namespace : only;
    const named = name === undefined ? {} : { resourceNames: [name] };
    return [{ namespace, apiGroups: [''], resources: ['namespaces'], ...named, ...rest }];
  }
  if (typeof on === 'object') {
    return [{ namespace: scope.namespace, apiGroups: [on.group], resources: on.resources, ...rest }];
  }
  if (on === 'leases') {
    return [{ namespace: scope.namespace, apiGroups: ['coordination.k8s.io'], resources: [on], ...rest }];
  }
  if (on === 'cronjobs') {
    return [{ namespace: scope.namespace, apiGroups: ['batch'], resources: [on], ...rest }];
  }
  if (on === 'prometheusrules') {
    return [{ namespace: scope.namespace, apiGroups: ['monitoring.coreos.com'], resources: [on], ...rest }];
  }
  if (on === 'workloads') {
    const resources = ['daemonsets', 'deployments', 'statefulsets'];
    return [{ namespace: scope.namespace, apiGroups: ['apps'], resources, ...rest }];
  }
  if (on === 'storageclasses' || on === 'persistentvolumes') {
    const group = on === 'storageclasses' ? 'storage.k8s.io' : '';
    return [{ namespace: undefined, apiGroups: [group], resources: [on], ...rest }];
  }
  if (on === 'node room')
    return [{ namespace: undefined, apiGroups: [''], resources: ['nodes', 'pods'], ...rest }];
  if (on === 'subjectaccessreviews') {
    return [{ namespace: undefined, apiGroups: ['authorization.k8s.io'], resources: [on], ...rest }];
  }
  if (on === 'everything') {
    return [{ namespace: scope.namespace, apiGroups: ['*'], resources: ['*'], ...rest }];
  }
  if (isCoreResource(on)) {
    return [{ namespace: scope.namespace, apiGroups: [''], resources: [on], ...rest }];
  }
  const places = Map.groupBy(kindsIn(on, scope), ({ apiVersion, namespaced }) =>
    [groupOf(apiVersion), namespaced].join(),
  );
  return [...places.values()].map((kinds) => ({
    namespace: kinds[0]?.namespaced === true ? scope.namespace : undefined,
    apiGroups: [groupOf(kinds[0]?.apiVersion ?? '')],
    resources: [...new Set(kinds.map(({ plural }) => plural))].sort(),
    ...rest,
  }));
}

function isCoreResource(on: Need['on']): on is CoreResource {
  return typeof on === 'string' && /^(pods(\/\w+)?|events|resourcequotas|limitranges)$/.test(on);
}

function kindsIn(set: KindSet, scope: PermissionScope): ServedKind[] {
  const { backupKinds } = scope;
  if (set === 'releaseKinds' || set === 'doctorKinds') return scope[set];
  const kinds = backupKinds[set];
  return Array.isArray(kinds) ? kinds : kinds === undefined ? [] : [kinds];
}

function unknownPart(rule: PermissionRule, known: Set<string>): PermissionRule[] {
  const keyOf = (resource: string): string =>
    [rule.namespace ?? '', rule.apiGroups, resource, rule.verbs, rule.resourceNames ?? ''].join('|');
  const resources = rule.resources.filter((resource) => !known.has(keyOf(resource)));
  for (const resource of resources) known.add(keyOf(resource));
  return resources.length === 0 ? [] : [{ ...rule, resources }];
}

/** Every permission of a rule, one by one. */
export function permissionsOf(rule: PermissionRule): Permission[] {
  const { namespace, apiGroups, resources, verbs, resourceNames } = rule;
  const names = resourceNames === undefined ? [undefined] : resourceNames;
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({ namespace, group, resource, verb, ...(name === undefined ? {} : { name }) })),
      ),
    ),
  );
}

/** "create deployments.apps in namespace cache", "get namespaces/kube-system". */
export function permissionText({ namespace, group, resource, verb, name }: Permission): string {
  const [plural = '', subresource] = resource.split('/');
  const what = `${group === '' ? plural : `${plural}.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  const object = name === undefined ? '' : ` "${name}"`;
  return `${verb} ${what}${object}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}
