import type { JsonObject } from '../json/json.ts';
import { type KubeObject, labelsOf, type ObjectRef } from '../kubernetes/object.ts';
import { type RoleManifest, rolesOf } from '../permissions/rbac-manifests.ts';
import { RUN_RESOURCES } from './run-resources.ts';
import {
  CONTAINER,
  type CredentialsSecret,
  SCHEDULE_VARIABLE,
  type ScheduleSpec,
  TERMINATION_LOG,
} from './schedule-spec.ts';
import { SCHEDULE_LABELS } from './scheduled-store.ts';

/** The user and group of runs: the image's (Dockerfile), and whom the claim's volume is given to. */
const RUN_AS = 65532;
/** A run that could not be started for so long is not started any more that day. */
const STARTING_DEADLINE_S = 3600;
/** What is left of finished runs, for whoever asks how they were. */
const HISTORY = { successful: 7, failed: 3 };
/** A fault that comes and goes is met again; what no repetition heals is not repeated, see podFailurePolicy. */
const BACKOFF_LIMIT = 2;
/** Exit codes that say: the same command would say the same again (docs/output.md: usage, incomplete). */
const NOT_HEALED_BY_RETRIES = [2, 5];

const RBAC = 'rbac.authorization.k8s.io';
export const KEYS_FOLDER = '/keys';
export const SIGNING_FOLDER = '/signing';

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

/**
 * Every object of a schedule, in the order in which they are applied: whoever is bound, and what is mounted, first, the
 * CronJob last, so that no run starts before it can work.
 */
export function scheduleObjects(spec: ScheduleSpec): ScheduleObject[] {
  return [
    ...serviceAccount(spec),
    ...roles(spec),
    ...claim(spec),
    { object: cronJob(spec), why: `starts a run at each ${spec.cron} (${spec.timeZone})` },
  ];
}

function metadata({ name, namespace }: { name: string; namespace?: string }, instance: string): JsonObject {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: scheduleLabels(instance),
  };
}

function serviceAccount({ account, name, namespace }: ScheduleSpec): ScheduleObject[] {
  if (!account.isOurs) return [];
  const annotations =
    Object.keys(account.annotations).length === 0 ? {} : { annotations: { ...account.annotations } };
  const object = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { ...metadata({ name: account.name, namespace }, name), ...annotations },
    // The pods of runs mount the token; no other pod of this account does.
    automountServiceAccountToken: false,
  };
  return [{ object, why: 'who the runs are' }];
}

/**
 * What lies in the schedule's namespace has its name; what lies elsewhere, or nowhere, has that namespace's besides: two
 * schedules never share a ClusterRole, which must outlive the other's end.
 */
function roles({ name, namespace, rules, account }: ScheduleSpec): ScheduleObject[] {
  return rolesOf([...rules], name).flatMap((role): ScheduleObject[] => {
    const { kind, metadata: of } = role.head as { kind: string; metadata: { namespace?: string } };
    const isHere = of.namespace === namespace;
    const roleName = isHere ? name : `${name}:${namespace}`;
    const meta = metadata(
      { name: roleName, ...(of.namespace === undefined ? {} : { namespace: of.namespace }) },
      name,
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
        why: `what the runs may do ${where}`,
        role: { head, rules: role.rules },
        ...(mark as { optional?: true }),
      },
      { object: binding, why: 'gives it to them', ...(mark as { optional?: true }) },
    ];
  });
}

function claim({ claim, name, namespace }: ScheduleSpec): ScheduleObject[] {
  if (claim?.create === undefined) return [];
  const { storage, storageClass } = claim.create;
  const object = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadata({ name: claim.name, namespace }, name),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    },
  };
  return [{ object, why: 'where the backups lie; it stays when the schedule goes' }];
}

function cronJob(spec: ScheduleSpec): KubeObject {
  const labels = scheduleLabels(spec.name);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: metadata(spec, spec.name),
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
          backoffLimit: BACKOFF_LIMIT,
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
function podSpec(spec: ScheduleSpec): JsonObject {
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
  }
}

/** The key that cert-manager, trust-manager and OpenShift use. */
export const CA_KEY = 'ca.crt';
const CA_FOLDER = '/ca';

function caMount({ caConfigMap }: ScheduleSpec): { volume: JsonObject; mountPath: string }[] {
  if (caConfigMap === undefined) return [];
  const configMap = { name: caConfigMap, items: [{ key: CA_KEY, path: CA_KEY }] };
  return [{ volume: { name: 'ca', configMap }, mountPath: CA_FOLDER }];
}

/** As the AWS CLI and git name such a file. */
function caEnvironment({ caConfigMap }: ScheduleSpec): JsonObject[] {
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
  }
}

/**
 * Everything that an install of this name can have made, by now or with other flags, but for the claim, which stays: what
 * bears its labels is its own. The last ones to be used come first.
 */
export function objectsThatCanBe({ name, namespace }: Pick<ScheduleSpec, 'name' | 'namespace'>): ObjectRef[] {
  const rbac = (kind: string, of: { namespace?: string; name: string }): ObjectRef => ({
    apiVersion: `${RBAC}/v1`,
    kind,
    ...of,
  });
  const away = `${name}:${namespace}`;
  // Where the cluster's identity is read; a schedule in that namespace itself has no other.
  const others = namespace === 'kube-system' ? [] : ['kube-system'];
  return [
    { apiVersion: 'batch/v1', kind: 'CronJob', namespace, name },
    rbac('ClusterRoleBinding', { name: away }),
    rbac('ClusterRole', { name: away }),
    ...[{ namespace, name }, ...others.map((namespace) => ({ namespace, name: away }))].flatMap((of) => [
      rbac('RoleBinding', of),
      rbac('Role', of),
    ]),
    { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name },
  ];
}

/** Whether an object was made by the install of this name, by its labels. */
export function isOfSchedule(object: KubeObject, name: string): boolean {
  const labels = labelsOf(object);
  return Object.entries(scheduleLabels(name)).every(([label, value]) => labels[label] === value);
}
