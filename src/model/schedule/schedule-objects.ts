import type { JsonObject } from '../json/json.ts';
import { type KubeObject, labelsOf, type ObjectRef } from '../kubernetes/object.ts';
import { type RoleManifest, rolesOf } from '../permissions/rbac-manifests.ts';
import { RUN_RESOURCES } from './run-resources.ts';
import {
  CONTAINER,
  type CredentialsSecret,
  drillName,
  SCHEDULE_VARIABLE,
  type ScheduledDrill,
  type ScheduleSpec,
  TERMINATION_LOG,
} from './schedule-spec.ts';
import { DRILL_LABELS, SCHEDULE_LABELS } from './scheduled-store.ts';

/** The user and group of runs: the image's (Dockerfile), and whom the claim's volume is given to. */
const RUN_AS = 65532;
/** A run that could not be started for so long is not started any more that day. */
const STARTING_DEADLINE_S = 3600;
/** What is left of finished runs, for whoever asks how they were. */
const HISTORY = { successful: 7, failed: 3 };
/** A fault that comes and goes is met again; what no repetition heals is not repeated, see podFailurePolicy. */
const BACKOFF_LIMIT = 2;
/** A drill that failed is what somebody wants to know of. */
const NO_RETRIES = 0;
/** Exit codes that say: the same command would say the same again (docs/output.md: usage, incomplete). */
const NOT_HEALED_BY_RETRIES = [2, 5];

const RBAC = 'rbac.authorization.k8s.io';
export const KEYS_FOLDER = '/keys';
export const SIGNING_FOLDER = '/signing';
const IDENTITY_FOLDER = '/identity';
const IDENTITY_KEY = 'identity';

/** An object of a schedule, and why it is there, in a few words. */
export interface ScheduleObject {
  object: KubeObject;
  why: string;
  /** The schedule works without it, and does less. */
  optional?: true;
  /** Its rules with the reason of each, for a Role or ClusterRole. */
  role?: RoleManifest;
}

/** The labels by which a schedule's objects are found again. */
export function scheduleLabels(name: string): Record<string, string> {
  return { ...SCHEDULE_LABELS, 'app.kubernetes.io/instance': name };
}

/** The same of what its drills need. @param name of the schedule. */
export function drillLabels(name: string): Record<string, string> {
  return { ...DRILL_LABELS, 'app.kubernetes.io/instance': name };
}

/** What a CronJob and all that it needs is made of: the backups' or the drills'. */
type Part = Omit<ScheduleSpec, 'drill'> & {
  labels: Readonly<Record<string, string>>;
  /** How often a run that failed is tried again. */
  retries: number;
  /** Who the runs are, in words. */
  who: string;
};

/**
 * Every object of a schedule, in the order in which they are applied: whoever is bound, and what is mounted, first, the
 * CronJob last, so that no run starts before it can work.
 */
export function scheduleObjects(spec: ScheduleSpec): ScheduleObject[] {
  const backups = { ...spec, labels: scheduleLabels(spec.name), retries: BACKOFF_LIMIT, who: 'the runs' };
  return [
    ...serviceAccount(backups),
    ...roles(backups),
    ...claim(backups),
    { object: cronJob(backups), why: `starts a run at each ${spec.cron} (${spec.timeZone})` },
    ...drillObjects(spec),
  ];
}

/** A second CronJob, whose runs may do nothing where the release is: its account is another one. */
function drillObjects({ drill, ...spec }: ScheduleSpec): ScheduleObject[] {
  if (drill === undefined) return [];
  const { into, ...own } = drill;
  const part: Part = {
    ...spec,
    ...own,
    name: drillName(spec.name),
    ...(spec.claim === undefined ? {} : { claim: { name: spec.claim.name } }),
    labels: drillLabels(spec.name),
    retries: NO_RETRIES,
    who: 'the drills',
  };
  return [
    ...drillNamespace(part, into),
    ...serviceAccount(part),
    ...roles(part),
    { object: cronJob(part), why: `holds a drill at each ${drill.cron} (${spec.timeZone})` },
  ];
}

function drillNamespace({ labels }: Part, { name, create }: ScheduledDrill['into']): ScheduleObject[] {
  if (create === undefined) return [];
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...create.labels, ...labels } },
  };
  return [
    { object, why: 'where backups are restored to and removed again; it stays when the schedule goes' },
  ];
}

function metadata(
  { name, namespace }: { name: string; namespace?: string },
  { labels }: Pick<Part, 'labels'>,
): JsonObject {
  return { name, ...(namespace === undefined ? {} : { namespace }), labels: { ...labels } };
}

function serviceAccount(part: Part): ScheduleObject[] {
  const { account, namespace, who } = part;
  if (!account.isOurs) return [];
  const annotations =
    Object.keys(account.annotations).length === 0 ? {} : { annotations: { ...account.annotations } };
  const object = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { ...metadata({ name: account.name, namespace }, part), ...annotations },
    // The pods of runs mount the token; no other pod of this account does.
    automountServiceAccountToken: false,
  };
  return [{ object, why: `who ${who} are` }];
}

/**
 * What lies in the schedule's namespace has its name; what lies elsewhere, or nowhere, has that namespace's besides: two
 * schedules never share a ClusterRole, which must outlive the other's end.
 */
function roles(part: Part): ScheduleObject[] {
  const { name, namespace, rules, account, who } = part;
  return rolesOf([...rules], name).flatMap((role): ScheduleObject[] => {
    const { kind, metadata: of } = role.head as { kind: string; metadata: { namespace?: string } };
    const isHere = of.namespace === namespace;
    const roleName = isHere ? name : `${name}:${namespace}`;
    const meta = metadata(
      { name: roleName, ...(of.namespace === undefined ? {} : { namespace: of.namespace }) },
      part,
    );
    const head = { ...role.head, metadata: meta };
    const optional = rules
      .filter((rule) => rule.namespace === of.namespace)
      .every((rule) => rule.optional === true);
    const binding = {
      apiVersion: `${RBAC}/v1`,
      kind: `${kind}Binding`,
      metadata: meta,
      roleRef: { apiGroup: RBAC, kind, name: roleName },
      subjects: [{ kind: 'ServiceAccount', name: account.name, namespace }],
    };
    const where = isHere
      ? 'in this namespace'
      : of.namespace === undefined
        ? 'in every namespace'
        : `in namespace ${of.namespace}`;
    const mark = optional ? { optional } : ({} as const);
    return [
      {
        object: { ...head, rules: role.rules.map(({ rule }) => rule) },
        why: `what ${who} may do ${where}`,
        role: { head, rules: role.rules },
        ...(mark as { optional?: true }),
      },
      { object: binding, why: 'gives it to them', ...(mark as { optional?: true }) },
    ];
  });
}

function claim(part: Part): ScheduleObject[] {
  const { claim, namespace } = part;
  if (claim?.create === undefined) return [];
  const { storage, storageClass } = claim.create;
  const object = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadata({ name: claim.name, namespace }, part),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    },
  };
  return [{ object, why: 'where the backups lie; it stays when the schedule goes' }];
}

function cronJob(spec: Part): KubeObject {
  const labels = { ...spec.labels };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: metadata(spec, spec),
    spec: {
      schedule: spec.cron,
      timeZone: spec.timeZone,
      // Two runs at a time would be two backups of the same, and two prunes.
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: STARTING_DEADLINE_S,
      successfulJobsHistoryLimit: HISTORY.successful,
      failedJobsHistoryLimit: HISTORY.failed,
      jobTemplate: {
        metadata: { labels },
        spec: {
          backoffLimit: spec.retries,
          // With Forbid, a run that hangs keeps all others from starting; also one whose pod never comes up.
          activeDeadlineSeconds: spec.activeDeadlineSeconds,
          ttlSecondsAfterFinished: spec.ttlSeconds,
          podFailurePolicy: {
            rules: [
              {
                action: 'FailJob',
                onExitCodes: { containerName: CONTAINER, operator: 'In', values: [...NOT_HEALED_BY_RETRIES] },
              },
            ],
          },
          template: { metadata: { labels }, spec: podSpec(spec) },
        },
      },
    },
  };
}

/** As the level "restricted" of Pod Security asks for. */
function podSpec(spec: Part): JsonObject {
  const { account, image, imagePullSecret, claim, secrets, args } = spec;
  const mounted = [...secrets.flatMap(mountOf), ...caMount(spec)];
  return {
    serviceAccountName: account.name,
    automountServiceAccountToken: true,
    restartPolicy: 'Never',
    ...(imagePullSecret === undefined ? {} : { imagePullSecrets: [{ name: imagePullSecret }] }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: RUN_AS,
      runAsGroup: RUN_AS,
      fsGroup: RUN_AS,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: CONTAINER,
        image,
        imagePullPolicy: 'IfNotPresent',
        args: args.map(literal),
        env: [
          { name: 'HOME', value: '/tmp' },
          // Two schedules of a namespace that push would write over each other.
          ...(args.includes('--push-gateway') ? [{ name: SCHEDULE_VARIABLE, value: spec.name }] : []),
          ...Object.entries(spec.env).map(([name, value]) => ({ name, value })),
          ...secrets.flatMap(environmentOf),
          ...caEnvironment(spec),
        ],
        resources: RUN_RESOURCES,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        terminationMessagePath: TERMINATION_LOG,
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [
          { name: 'tmp', mountPath: '/tmp' },
          ...(claim === undefined ? [] : [{ name: 'store', mountPath: '/backup' }]),
          ...mounted.map(({ volume, mountPath }) => ({ name: volume.name!, mountPath, readOnly: true })),
        ],
      },
    ],
    volumes: [
      { name: 'tmp', emptyDir: { sizeLimit: '512Mi' } },
      ...(claim === undefined ? [] : [{ name: 'store', persistentVolumeClaim: { claimName: claim.name } }]),
      ...mounted.map(({ volume }) => volume),
    ],
  };
}

/** The kubelet puts a variable in the place of `$(NAME)`; `$$` is a dollar sign (Kubernetes API, Container.args). */
function literal(word: string): string {
  return word.replaceAll('$(', () => '$$(');
}

function environmentOf(secret: CredentialsSecret): JsonObject[] {
  const from = (key: string, optional = false): JsonObject => ({
    name: key,
    valueFrom: { secretKeyRef: { name: secret.name, key, ...(optional ? { optional } : {}) } },
  });
  switch (secret.use) {
    case 's3':
      return [from('AWS_ACCESS_KEY_ID'), from('AWS_SECRET_ACCESS_KEY'), from('AWS_SESSION_TOKEN', true)];
    case 'git-ssh':
      return [
        {
          name: 'GIT_SSH_COMMAND',
          // Never without the host's key: whoever stands in between would get every backup.
          value: `ssh -i ${KEYS_FOLDER}/id -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=${KEYS_FOLDER}/known_hosts -o StrictHostKeyChecking=yes`,
        },
      ];
    case 'git-https':
      return [
        { name: 'GIT_CONFIG_COUNT', value: '1' },
        { name: 'GIT_CONFIG_KEY_0', value: 'credential.helper' },
        { name: 'GIT_CONFIG_VALUE_0', value: GIT_CREDENTIAL_HELPER },
      ];
    case 'sign':
      return [{ name: 'MEMCACHED_BACKUP_SIGN_KEY_FILE', value: `${SIGNING_FOLDER}/sign-key` }];
    case 'identity':
      return [{ name: 'MEMCACHED_BACKUP_IDENTITY_FILE', value: `${IDENTITY_FOLDER}/${IDENTITY_KEY}` }];
  }
}

/** gitcredentials(7): a value that begins with "!" is a shell's; only what the shell itself can do is used. */
const GIT_CREDENTIAL_HELPER = `!f() { test "$1" = get || exit 0; IFS= read -r u <${KEYS_FOLDER}/username; IFS= read -r p <${KEYS_FOLDER}/password; echo "username=$u"; echo "password=$p"; }; f`;

function mountOf(secret: CredentialsSecret): { volume: JsonObject; mountPath: string }[] {
  const volume = (name: string, items: [key: string, path: string][]): JsonObject => ({
    name,
    secret: {
      secretName: secret.name,
      defaultMode: 0o400,
      items: items.map(([key, path]) => ({ key, path })),
    },
  });
  switch (secret.use) {
    case 's3':
      return [];
    case 'git-ssh': {
      const items: [string, string][] = [
        [secret.key, 'id'],
        ['known_hosts', 'known_hosts'],
      ];
      return [{ volume: volume('git-keys', items), mountPath: KEYS_FOLDER }];
    }
    case 'git-https': {
      const items: [string, string][] = [
        ['username', 'username'],
        ['password', 'password'],
      ];
      return [{ volume: volume('git-keys', items), mountPath: KEYS_FOLDER }];
    }
    case 'sign':
      return [{ volume: volume('sign-key', [['sign-key', 'sign-key']]), mountPath: SIGNING_FOLDER }];
    case 'identity':
      return [{ volume: volume('identity', [[IDENTITY_KEY, IDENTITY_KEY]]), mountPath: IDENTITY_FOLDER }];
  }
}

/** The key that cert-manager, trust-manager and OpenShift use. */
export const CA_KEY = 'ca.crt';
const CA_FOLDER = '/ca';

function caMount({ caConfigMap }: Part): { volume: JsonObject; mountPath: string }[] {
  if (caConfigMap === undefined) return [];
  const configMap = { name: caConfigMap, items: [{ key: CA_KEY, path: CA_KEY }] };
  return [{ volume: { name: 'ca', configMap }, mountPath: CA_FOLDER }];
}

/** As the AWS CLI and git name such a file. */
function caEnvironment({ caConfigMap }: Part): JsonObject[] {
  if (caConfigMap === undefined) return [];
  return ['AWS_CA_BUNDLE', 'GIT_SSL_CAINFO'].map((name) => ({ name, value: `${CA_FOLDER}/${CA_KEY}` }));
}

/** The keys that a Secret has to have, the first of alternatives where it is of either kind. */
export function keysOf(secret: CredentialsSecret): string[] {
  switch (secret.use) {
    case 's3':
      return ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
    case 'git-ssh':
      return [secret.key, 'known_hosts'];
    case 'git-https':
      return ['username', 'password'];
    case 'sign':
      return ['sign-key'];
    case 'identity':
      return [IDENTITY_KEY];
  }
}

/**
 * Everything that an install of this name can have made, by now or with other flags, but for what its drills need, and for the claim,
 * which stays: what bears its labels is its own. The last ones to be used come first.
 */
export function objectsThatCanBe({ name, namespace }: Pick<ScheduleSpec, 'name' | 'namespace'>): ObjectRef[] {
  return [
    { apiVersion: 'batch/v1', kind: 'CronJob', namespace, name },
    ...grantsThatCanBe({ name, namespace }, ['kube-system']),
    { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name },
  ];
}

export function drillCronJobRef({ name, namespace }: Pick<ScheduleSpec, 'name' | 'namespace'>): ObjectRef {
  return { apiVersion: 'batch/v1', kind: 'CronJob', namespace, name: drillName(name) };
}

/**
 * The same of what its drills need; their namespace stays. The CronJob comes last: it alone tells which namespace they are held in.
 * @param into that namespace.
 */
export function drillObjectsThatCanBe(
  { name, namespace }: Pick<ScheduleSpec, 'name' | 'namespace'>,
  into: string | undefined,
): ObjectRef[] {
  const own = { name: drillName(name), namespace };
  return [
    ...grantsThatCanBe(own, ['kube-system', ...(into === undefined ? [] : [into])]),
    { apiVersion: 'v1', kind: 'ServiceAccount', ...own },
    drillCronJobRef({ name, namespace }),
  ];
}

/** @param elsewhere other namespaces in which runs may do something, such as that where the cluster's identity is read. */
function grantsThatCanBe(
  { name, namespace }: { name: string; namespace: string },
  elsewhere: readonly string[],
): ObjectRef[] {
  const rbac = (kind: string, of: { namespace?: string; name: string }): ObjectRef => ({
    apiVersion: `${RBAC}/v1`,
    kind,
    ...of,
  });
  const away = `${name}:${namespace}`;
  const others = [...new Set(elsewhere)].filter((each) => each !== namespace);
  const places = [{ namespace, name }, ...others.map((place) => ({ namespace: place, name: away }))];
  return [
    rbac('ClusterRoleBinding', { name: away }),
    rbac('ClusterRole', { name: away }),
    ...places.flatMap((of) => [rbac('RoleBinding', of), rbac('Role', of)]),
  ];
}

/** Whether an object was made by the install of this name, by its labels. */
export function isOfSchedule(object: KubeObject, name: string): boolean {
  const labels = labelsOf(object);
  return [scheduleLabels(name), drillLabels(name)].some((wanted) =>
    Object.entries(wanted).every(([label, value]) => labels[label] === value),
  );
}
