import { advice } from '../advice/advice.ts';
import { kubectl, placeholder } from '../advice/command.ts';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { isObject, objectAt } from '../model/json/json.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { judgeCron, type SoundCron } from '../model/schedule/cron-trouble.ts';
import { CA_KEY, keysOf } from '../model/schedule/schedule-objects.ts';
import {
  type CredentialsSecret,
  DEFAULT_NAME,
  LONGEST_NAME,
  type ScheduledClaim,
  type ScheduleSpec,
  TERMINATION_LOG,
} from '../model/schedule/schedule-spec.ts';
import { runRules } from '../permissions/run-rules.ts';
import type { CommandContext } from '../session/context.ts';
import { parsePvcLocation } from '../store/pvc/pvc-location.ts';
import type { Store } from '../store/store.ts';
import { drillsOfSpec } from './drills-of-spec.ts';
import type { WantedSchedule } from './wanted-schedule.ts';

/** What became of the flags, and what a person should know before agreeing. */
export interface ResolvedSchedule {
  spec: ScheduleSpec;
  cron: SoundCron;
  /** One line each. */
  notes: string[];
}

/** A run takes seconds; one that took half an hour is stuck. */
const LONGEST_RUN_S = 1800;
/** Below it there is no telling a run that is stuck from one that is slow. */
const SHORTEST_RUN_S = 60;
const WEEK_S = 7 * 86_400;
/** A DNS subdomain (Kubernetes, "Object Names and IDs"), which a CronJob's name is. */
const NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;

/**
 * Makes of flags what the objects are made of: everything that can be told to be wrong is, before anything is written.
 * @param look asks the cluster for claims and Secrets; undefined: nobody is asked, and a claim is taken for missing.
 * @throws UsageError for what can never work; ToolError for a Secret that lacks what is taken from it.
 */
export async function specOfSchedule(
  wanted: WantedSchedule,
  context: CommandContext,
  look: KubeClient | undefined,
): Promise<ResolvedSchedule> {
  const name = wanted.name ?? DEFAULT_NAME;
  assertName(name);
  const { namespace } = await context.kube();
  const cron = await judgeCron(wanted, context.now());
  if (typeof cron === 'string')
    throw new UsageError(cron, { untouched: 'nothing was changed', next: 'another --cron or --time-zone' });
  const store = await context.store();
  const place = await placeOf(store, namespace, wanted, look);
  const notes: string[] = [];
  const secrets = await secretsOf(wanted, store, { namespace, look, notes });
  const caConfigMap = await caOf(wanted, store, { namespace, look, notes });
  if (wanted.serviceAccount !== undefined && look !== undefined)
    notes.push(...(await absentAccount(look, namespace, wanted.serviceAccount)));
  const spec: ScheduleSpec = {
    name,
    namespace,
    cron: wanted.cron,
    timeZone: wanted.timeZone,
    image: wanted.image,
    ...(wanted.imagePullSecret === undefined ? {} : { imagePullSecret: wanted.imagePullSecret }),
    account: {
      name: wanted.serviceAccount ?? name,
      isOurs: wanted.serviceAccount === undefined,
      annotations: wanted.accountAnnotations,
    },
    args: argsOf(wanted, namespace, store),
    env: wanted.region === undefined || !/^s3:/.test(store.location) ? {} : { AWS_REGION: wanted.region },
    secrets,
    ...(caConfigMap === undefined ? {} : { caConfigMap }),
    ...(place === undefined ? {} : { claim: place }),
    activeDeadlineSeconds: deadlineOf(wanted, cron),
    ttlSeconds: Math.max(WEEK_S, Math.ceil(cron.shortestIntervalS * 8)),
    rules: runRules({ namespace, allNamespaces: wanted.allNamespaces, isOnClaim: place !== undefined }),
  };
  if (wanted.drill === undefined) return { spec, cron, notes };
  const { drill } = wanted;
  if (drill.identitySecret !== undefined) {
    const secret = { use: 'identity', name: drill.identitySecret } as const;
    const keys = look && (await keysOfSecret(secret, { namespace, look, notes }));
    if (keys !== undefined) assertHasKeys(secret, keys, namespace);
  }
  const ground = { schedule: spec, store, now: context.now(), look, notes };
  return { spec: { ...spec, drill: await drillsOfSpec({ ...wanted, drill }, ground) }, cron, notes };
}

/** Nothing where it is there, or may not be seen. A note, since it may be about to be made, by GitOps for example. */
async function absentAccount(look: KubeClient, namespace: string, name: string): Promise<string[]> {
  try {
    const account = await look.get({ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name });
    if (account !== undefined) return [];
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof UsageError) throw error;
    return [];
  }
  return [`serviceaccount/${name} does not exist in namespace ${namespace}: until it does, no run starts`];
}

function assertName(name: string): void {
  if (name.length > LONGEST_NAME)
    throw new UsageError(
      `"${name}" has ${name.length} characters; a CronJob's name has at most ${LONGEST_NAME}, for its Jobs' names are longer`,
      { untouched: 'nothing was changed' },
    );
  if (!NAME.test(name))
    throw new UsageError(`"${name}" can't be a CronJob's name (lower-case letters, digits, "-" and ".")`, {
      untouched: 'nothing was changed',
    });
}

/** @throws UsageError where no pod could reach the store. */
async function placeOf(
  store: Store,
  namespace: string,
  wanted: WantedSchedule,
  look: KubeClient | undefined,
): Promise<ScheduledClaim | undefined> {
  const { location } = store;
  if (/^pvc:/.test(location)) {
    const claim = parsePvcLocation(location);
    if (claim.namespace !== undefined && claim.namespace !== namespace)
      throw new UsageError(
        `the claim ${claim.claim} lies in namespace ${claim.namespace}, and a pod mounts only claims of its own: the schedule is to be in ${namespace}`,
        {
          untouched: 'nothing was changed',
          next: `the same command with -n ${claim.namespace}${wanted.allNamespaces ? '' : ' -A, which backs up other namespaces too'}`,
        },
      );
    const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claim.claim };
    // Who may not look plans to make it, and is told by the API server's refusal.
    const there = await look?.get(ref).catch((error: unknown) => {
      if (error instanceof ApiError && error.lacksPermission) return undefined;
      throw error;
    });
    const { storage, storageClass } = wanted;
    const create = { storage, ...(storageClass === undefined ? {} : { storageClass }) };
    return there === undefined ? { name: claim.claim, create } : { name: claim.claim };
  }
  if (/^(?:s3:|git\+ssh:|git\+https:)/.test(location)) return undefined;
  throw new UsageError(`a pod can't reach the store ${location}: it is on this machine`, {
    untouched: 'nothing was changed',
    next: 'name one with --store: pvc://CLAIM, s3://BUCKET/FOLDER, git+ssh://HOST/PATH.git',
  });
}

/**
 * The Secrets that runs read. Each is asked for, where it can be, and its keys are looked at; their values are not.
 * @throws UsageError for one that the store has no use for; ToolError for one that is missing, or lacks a key.
 */
async function secretsOf(
  { s3Secret, gitSecret, signSecret }: WantedSchedule,
  { location }: Store,
  { namespace, look, notes }: { namespace: string; look: KubeClient | undefined; notes: string[] },
): Promise<CredentialsSecret[]> {
  const unfit = (flag: string, kind: string): UsageError =>
    new UsageError(`--${flag} is for a store in ${kind}, and ${location} is none`, {
      untouched: 'nothing was changed',
    });
  if (s3Secret !== undefined && !/^s3:/.test(location)) throw unfit('s3-secret', 'S3');
  if (gitSecret !== undefined && !/^git\+/.test(location)) throw unfit('git-secret', 'Git');
  const keysIn = async (secret: CredentialsSecret): Promise<ReadonlySet<string> | undefined> => {
    return look && keysOfSecret(secret, { namespace, look, notes });
  };
  const secrets: { secret: CredentialsSecret; keys: ReadonlySet<string> | undefined }[] = [];
  const add = async (secret: CredentialsSecret): Promise<void> => {
    const keys = await keysIn(secret);
    secrets.push({ secret: secret.use === 'git-ssh' ? { ...secret, key: sshKeyOf(keys) } : secret, keys });
  };
  if (s3Secret !== undefined) await add({ use: 's3', name: s3Secret });
  if (gitSecret !== undefined) {
    await add(
      /^git\+https:/.test(location)
        ? { use: 'git-https', name: gitSecret }
        : { use: 'git-ssh', name: gitSecret, key: 'ssh-privatekey' },
    );
  } else if (/^git\+ssh:/.test(location)) {
    notes.push(
      'a pod has no SSH key: name a Secret with ssh-privatekey and known_hosts, --git-secret NAME, or runs will fail',
    );
  }
  if (signSecret !== undefined) await add({ use: 'sign', name: signSecret });
  for (const { secret, keys } of secrets) if (keys !== undefined) assertHasKeys(secret, keys, namespace);
  return secrets.map(({ secret }) => secret);
}

function keysOfSecret(
  secret: CredentialsSecret,
  { look, ...where }: { namespace: string; look: KubeClient; notes: string[] },
): Promise<ReadonlySet<string> | undefined> {
  return keysOfObject(look, { kind: 'Secret', name: secret.name, needed: keysOf(secret), ...where });
}

function sshKeyOf(keys: ReadonlySet<string> | undefined): 'ssh-privatekey' | 'identity' {
  return keys?.has('identity') === true && !keys.has('ssh-privatekey') ? 'identity' : 'ssh-privatekey';
}

/** @returns undefined where that may not be read, which is noted. @throws ToolError where there is no such object. */
async function keysOfObject(
  look: KubeClient,
  {
    kind,
    namespace,
    name,
    needed,
    notes,
  }: {
    kind: 'Secret' | 'ConfigMap';
    namespace: string;
    name: string;
    /** Keys that runs take from it. */
    needed: readonly string[];
    notes: string[];
  },
): Promise<ReadonlySet<string> | undefined> {
  const what = `${kind.toLowerCase()}/${name}`;
  let object: KubeObject | undefined;
  try {
    object = await look.get({ apiVersion: 'v1', kind, namespace, name });
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof UsageError) throw error;
    notes.push(`whether ${what} has what runs take from it could not be told: ${error.message}`);
    return undefined;
  }
  const make = kind === 'Secret' ? ['secret', 'generic'] : ['configmap'];
  if (object === undefined)
    throw new ToolError(`${what} does not exist in namespace ${namespace}`, {
      untouched: 'nothing was changed',
      next: kubectl(
        'create',
        ...make,
        name,
        '-n',
        namespace,
        ...needed.map((key) => placeholder('FILE', `--from-file=${key}=`)),
      ),
    });
  const data = objectAt(object, 'data');
  return new Set(Object.keys(isObject(data) ? data : {}));
}

/**
 * The ConfigMap with the CA of the store's server.
 * @throws UsageError for a store that is reached without TLS; ToolError where it is missing, or has no ca.crt.
 */
async function caOf(
  { caConfigMap }: WantedSchedule,
  { location }: Store,
  { namespace, look, notes }: { namespace: string; look: KubeClient | undefined; notes: string[] },
): Promise<string | undefined> {
  if (caConfigMap === undefined) return undefined;
  const untouched = 'nothing was changed';
  if (!/^(?:s3|git\+https):/.test(location))
    throw new UsageError(
      `--ca-configmap is for a store in S3 or in Git over https, and ${location} is none`,
      {
        untouched,
      },
    );
  const name = caConfigMap;
  const keys =
    look && (await keysOfObject(look, { kind: 'ConfigMap', namespace, name, needed: [CA_KEY], notes }));
  if (keys !== undefined && !keys.has(CA_KEY))
    throw new ToolError(
      `configmap/${name} in namespace ${namespace} has no ${CA_KEY}, the CA's certificate, which runs take from it`,
      {
        untouched,
        next: advice`${kubectl('describe', 'configmap', name, '-n', namespace)} shows which keys it has`,
      },
    );
  return name;
}

function assertHasKeys(secret: CredentialsSecret, keys: ReadonlySet<string>, namespace: string): void {
  const lacking = keysOf(secret).filter((key) => !keys.has(key));
  if (lacking.length === 0) return;
  throw new ToolError(
    `secret/${secret.name} in namespace ${namespace} has no ${lacking.join(' and no ')}, which runs take from it`,
    {
      untouched: 'nothing was changed',
      next: advice`${kubectl('describe', 'secret', secret.name, '-n', namespace)} shows which keys it has`,
    },
  );
}

function argsOf(wanted: WantedSchedule, namespace: string, { location }: Store): string[] {
  const { releases, allNamespaces, labelSelector, recipients, backupFlags } = wanted;
  return [
    'backup',
    ...releases,
    ...(allNamespaces ? ['-A'] : ['-n', namespace]),
    ...(labelSelector === undefined ? [] : ['-l', labelSelector]),
    '--store',
    location,
    ...recipients.flatMap((recipient) => ['--encrypt-to', recipient]),
    ...backupFlags,
    '--termination-log',
    TERMINATION_LOG,
  ];
}

/** @throws UsageError where a run would be stopped before it could end, or last until the next one. */
function deadlineOf(
  { activeDeadlineSeconds, cron }: WantedSchedule,
  { shortestIntervalS }: SoundCron,
): number {
  const longest = Math.floor(shortestIntervalS) - 10;
  if (longest < SHORTEST_RUN_S)
    throw new UsageError(
      `"${cron}" is due every ${shortestIntervalS} s: a run needs up to ${SHORTEST_RUN_S} s, and the next one does not start before it has ended`,
      { untouched: 'nothing was changed', next: 'a --cron with more time between two runs' },
    );
  if (activeDeadlineSeconds === undefined) return Math.min(LONGEST_RUN_S, longest);
  if (activeDeadlineSeconds < SHORTEST_RUN_S || activeDeadlineSeconds > longest)
    throw new UsageError(
      `--active-deadline is ${activeDeadlineSeconds} s: it has to be from ${SHORTEST_RUN_S} s to ${longest} s, before the next run is due`,
      { untouched: 'nothing was changed' },
    );
  return activeDeadlineSeconds;
}
