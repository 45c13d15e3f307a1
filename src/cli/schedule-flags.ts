import { shellWord } from '../advice/shell-word.ts';
import { UsageError } from '../errors/tool-error.ts';
import { assertNamespaceName } from '../model/kubernetes/namespace-name.ts';
import { assertReleaseName } from '../model/records/backup-id.ts';
import type { WantedSchedule } from '../schedule/wanted-schedule.ts';
import { assertEndpoint, endpointInUse } from '../store/s3/s3-access.ts';
import { ALL_NAMESPACES, ALLOW_PLAIN_SECRETS, CLUSTER_NAME, STORE_FLAGS } from './common-flags.ts';
import { parseDuration, parseLongDuration } from './duration.ts';
import { explainedHere, type Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';
import { KEEP_FLAGS } from './keep-flags.ts';
import { keySources, RECIPIENTS } from './key-flags.ts';
import { pushTarget } from './push-target.ts';
import { VERSION } from './version.ts';

const text = (name: string, value: string, describe: string): Flag => ({
  name,
  type: 'string',
  value,
  neverEmpty: true,
  describe,
});

/** Which schedule is meant, on every command of the group. */
export const SCHEDULE_NAME: Flag = text(
  'name',
  'NAME',
  "Name of the schedule, which is its CronJob's (default: memcached-backup)",
);

/** The same where the only one there is need not be named. */
export const ONE_SCHEDULE: Flag = {
  ...SCHEDULE_NAME,
  describe: 'Name of the schedule, where the namespace has several',
};

/** Flags of `backup` that a run gets as they are. */
const PASSED_ON = ['s3-endpoint', 's3-sse', 's3-sse-kms-key-id', 'cluster-name', 'push-gateway'] as const;
const PASSED_ON_SWITCHES = ['without-secrets', 'allow-plain-secrets', 'verify'] as const;

/** Of `schedule install` and `schedule render`. */
export const SCHEDULE_FLAGS: readonly Flag[] = [
  SCHEDULE_NAME,
  text('cron', 'CRON', 'Minute, hour, day of month, month and day of week of a run (default: 0 2 * * *)'),
  text('time-zone', 'ZONE', 'Time zone of --cron, of the tz database (default: Etc/UTC)'),
  ...STORE_FLAGS.filter(({ name }) => name !== 's3-profile'),
  ALL_NAMESPACES,
  {
    name: 'selector',
    short: 'l',
    type: 'string',
    value: 'LABELS',
    describe: 'Only releases whose memcached workload has these labels',
  },
  CLUSTER_NAME,
  ...KEEP_FLAGS,
  ...explainedHere(RECIPIENTS),
  ALLOW_PLAIN_SECRETS,
  {
    name: 'without-secrets',
    type: 'boolean',
    describe: "Runs leave out Secrets, Helm's record and values, as backup --without-secrets does",
  },
  { name: 'verify', type: 'boolean', describe: 'Runs verify each backup once it is saved' },
  text('push-gateway', 'URL', 'Runs push their metrics to the Pushgateway at this URL'),
  text(
    'image',
    'IMAGE',
    "This tool's image, best pinned: NAME@sha256:… (default: MEMCACHED_BACKUP_HELPER_IMAGE, else memcached-backup of this version)",
  ),
  text('image-pull-secret', 'SECRET', 'Secret with credentials to pull the image'),
  text('s3-secret', 'SECRET', 'Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for a store in S3'),
  text(
    'git-secret',
    'SECRET',
    'Secret with ssh-privatekey and known_hosts, or username and password, for a store in Git',
  ),
  text('sign-secret', 'SECRET', 'Secret with sign-key, the private key that signs backups'),
  text(
    'ca-configmap',
    'CONFIGMAP',
    "ConfigMap with ca.crt, the CA of the store's server, where that is one of your own",
  ),
  text(
    'service-account',
    'ACCOUNT',
    'An existing ServiceAccount for the runs, which stays as it is (default: one is made)',
  ),
  {
    name: 'service-account-annotation',
    type: 'list',
    value: 'KEY=VALUE',
    neverEmpty: true,
    takes: { isValid: (value) => /^[^=]+=.+$/s.test(value), expected: 'KEY=VALUE' },
    describe: 'Annotation of the ServiceAccount that is made, for IRSA or workload identity (repeatable)',
  },
  {
    ...text('storage', 'SIZE', 'Size of the claim of pvc:// where it is missing (default: 1Gi)'),
    takes: {
      isValid: (value) => /^[1-9]\d*(?:\.\d+)?(?:[KMGT]i?)?$/.test(value),
      expected: 'a quantity such as 1Gi',
    },
  },
  text('storage-class', 'CLASS', "StorageClass of that claim (default: the cluster's)"),
  text(
    'drill',
    'CRON',
    'Hold drills, too, by a CronJob of their own: once a quarter is "0 4 1 */3 *", in the zone of --time-zone',
  ),
  text(
    'drill-into',
    'NAMESPACE',
    'Namespace that drills restore into, which is made if missing and stays (default: NAMESPACE-drill)',
  ),
  text('drill-target', 'DURATION', 'Time in which a drill is to have the release back, such as 15m'),
  text(
    'identity-secret',
    'SECRET',
    'Secret with identity, a private key that opens sealed backups, for the drills alone',
  ),
  text(
    'active-deadline',
    'DURATION',
    'Stop a run after this time (default: 30m, or less where the next one is due before)',
  ),
];

/** What the flags say. @throws UsageError */
export async function wantedSchedule(
  values: FlagValues,
  releases: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<WantedSchedule> {
  if (releases.length > 0 && values.isSet('all-namespaces'))
    throw new UsageError('-A backs up every release of every namespace: name none', {
      untouched: 'nothing was changed',
    });
  // One that begins with a dash would be a flag of the run.
  for (const release of releases) assertReleaseName(release);
  // That of the schedule itself would come without what else is said of it, such as its endpoint.
  if (values.text('store') === undefined && !env.MEMCACHED_BACKUP_STORE)
    throw new UsageError('a schedule needs --store', {
      untouched: 'nothing was changed',
      next: 'name one that pods reach: --store pvc://CLAIM, s3://BUCKET/FOLDER or git+ssh://HOST/PATH.git',
    });
  // What can't be pushed to, or holds credentials, must not come to stand in a CronJob.
  await pushTarget(values, env);
  const optional = <K extends string>(key: K, name: string): { [P in K]?: string } => {
    const value = values.text(name);
    return (value === undefined ? {} : { [key]: value }) as { [P in K]?: string };
  };
  const deadline = values.text('active-deadline');
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  return {
    releases,
    allNamespaces: values.isSet('all-namespaces'),
    cron: values.text('cron') ?? '0 2 * * *',
    timeZone: values.text('time-zone') ?? 'Etc/UTC',
    backupFlags: backupFlags(values, env),
    recipients: await recipientsOf(values, env),
    image: values.text('image') ?? (env.MEMCACHED_BACKUP_HELPER_IMAGE || `memcached-backup:${VERSION}`),
    accountAnnotations: annotationsOf(values),
    storage: values.text('storage') ?? '1Gi',
    ...(deadline === undefined
      ? {}
      : { activeDeadlineSeconds: Math.round(parseDuration(deadline, 'active-deadline') / 1000) }),
    ...(region ? { region } : {}),
    ...drillsWanted(values),
    ...optional('labelSelector', 'selector'),
    ...optional('name', 'name'),
    ...optional('imagePullSecret', 'image-pull-secret'),
    ...optional('s3Secret', 's3-secret'),
    ...optional('gitSecret', 'git-secret'),
    ...optional('signSecret', 'sign-secret'),
    ...optional('caConfigMap', 'ca-configmap'),
    ...optional('serviceAccount', 'service-account'),
    ...optional('storageClass', 'storage-class'),
  };
}

/** @throws UsageError for what is about drills, where there are none. */
function drillsWanted(values: FlagValues): Pick<WantedSchedule, 'drill'> {
  const [cron, into, target, identitySecret] = ['drill', 'drill-into', 'drill-target', 'identity-secret'].map(
    (name) => values.text(name),
  );
  if (cron === undefined) {
    const idle = ['drill-into', 'drill-target', 'identity-secret'].find((name) => values.has(name));
    if (idle === undefined) return {};
    throw new UsageError(`--${idle} is for drills, and --drill says when they are held`, {
      untouched: 'nothing was changed',
    });
  }
  if (into !== undefined) assertNamespaceName(into);
  if (target !== undefined) parseLongDuration(target, 'drill-target');
  return {
    drill: {
      cron,
      ...(into === undefined ? {} : { into }),
      ...(target === undefined ? {} : { target }),
      ...(identitySecret === undefined ? {} : { identitySecret }),
    },
  };
}

function backupFlags(values: FlagValues, env: NodeJS.ProcessEnv): string[] {
  const keeps = KEEP_FLAGS.map(({ name }) => name);
  const given = [...keeps, ...PASSED_ON].flatMap((name) => {
    const value = values.text(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const endpoint = endpointInUse(env);
  const fromEnvironment =
    endpoint &&
    !values.has('s3-endpoint') &&
    /^s3:/.test(values.text('store') ?? env.MEMCACHED_BACKUP_STORE ?? '')
      ? ['--s3-endpoint', endpoint]
      : [];
  const [, named] = fromEnvironment;
  for (const each of [values.text('s3-endpoint'), named]) if (each !== undefined) assertEndpoint(each);
  const switches = PASSED_ON_SWITCHES.filter((name) => values.isSet(name)).map((name) => `--${name}`);
  return [...given, ...fromEnvironment, ...switches];
}

/** A file of this machine is in no pod: the keys themselves, which are public, stand on the command line of the run. */
async function recipientsOf(values: FlagValues, env: NodeJS.ProcessEnv): Promise<string[]> {
  const { Keys } = await import('../store/seal/keys.ts');
  const seal = await new Keys(keySources(values, env, undefined)).sealFor('backup');
  return seal !== undefined && 'recipients' in seal ? seal.recipients.map(({ text }) => text) : [];
}

function annotationsOf(values: FlagValues): Record<string, string> {
  const given = values.list('service-account-annotation');
  if (given.length > 0 && values.has('service-account'))
    throw new UsageError(
      `--service-account ${shellWord(values.text('service-account') ?? '')} is somebody else's and stays as it is: it gets no annotation`,
      { untouched: 'nothing was changed' },
    );
  return Object.fromEntries(
    given.map((each): [string, string] => [
      each.slice(0, each.indexOf('=')),
      each.slice(each.indexOf('=') + 1),
    ]),
  );
}
