import { UsageError } from '../errors/tool-error.ts';
import type { OutputFormat } from '../session/context.ts';
import { DEFAULT_STORE } from '../store/advice.ts';
import { isFolderName } from '../store/format/layout.ts';
import type { GitAccess } from '../store/git/git-access.ts';
import { assertHoldsNoCredentials } from '../store/location-secrets.ts';
import type { PvcAccess } from '../store/pvc/pvc-access.ts';
import { ENCRYPTIONS, type S3Access } from '../store/s3/s3-access.ts';
import { explainedHere, type Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';
import { VERSION } from './version.ts';

const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const satisfies readonly OutputFormat[];

/** On every command. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { name: 'help', short: 'h', type: 'boolean', describe: 'Show this help' },
  {
    name: 'debug',
    type: 'boolean',
    describe: 'Show the connection asked for, and the stack of an unexpected error',
  },
  { name: 'version', type: 'boolean', describe: 'Show the version', hidden: true },
];

export const STORE: Flag = {
  name: 'store',
  type: 'string',
  value: 'DIR|URL',
  describe: 'Where backups live: DIR, s3://…, git+… or pvc://…',
};

/** How a store in S3 is reached. */
const S3_FLAGS = [
  {
    name: 's3-endpoint',
    type: 'string',
    value: 'URL',
    explainedIn: 'stores',
    describe: "URL of an S3 server other than Amazon's (default: AWS_ENDPOINT_URL_S3)",
  },
  {
    name: 's3-profile',
    type: 'string',
    value: 'NAME',
    explainedIn: 'stores',
    neverEmpty: true,
    describe:
      'Profile of the AWS configuration whose credentials S3 gets (default: AWS_PROFILE, or what the environment holds)',
  },
  {
    name: 's3-sse',
    type: 'string',
    value: 'KIND',
    explainedIn: 'stores',
    choices: ENCRYPTIONS,
    describe: `Ask S3 to encrypt what is written, and fail where its answer does not say so: ${ENCRYPTIONS.join(', ')}`,
  },
  {
    name: 's3-sse-kms-key-id',
    type: 'string',
    value: 'ID',
    explainedIn: 'stores',
    neverEmpty: true,
    describe: 'The KMS key for --s3-sse aws:kms (default: the one of the account)',
  },
] as const satisfies readonly Flag[];

/** What runs in the pod of a store on a claim. */
const HELPER_IMAGE: Flag = {
  name: 'helper-image',
  type: 'string',
  value: 'IMAGE',
  explainedIn: 'stores',
  neverEmpty: true,
  describe:
    "This tool's image, for the pod that reaches a store on a claim (default: MEMCACHED_BACKUP_HELPER_IMAGE, else memcached-backup of this version)",
};

/** {@link STORE}, and what else says how to reach it. */
export const STORE_FLAGS: readonly Flag[] = [STORE, ...S3_FLAGS, HELPER_IMAGE];

/** The same of a store that is copied to. */
export const TO_S3_FLAGS: readonly Flag[] = explainedHere(S3_FLAGS).map((flag) => ({
  ...flag,
  name: `to-${flag.name}`,
  describe: `As --${flag.name}, for the store of --to alone`,
}));

/** Of commands that save backups. */
export const ALLOW_PLAIN_SECRETS: Flag = {
  name: 'allow-plain-secrets',
  type: 'boolean',
  describe:
    'Let Secrets go into Git in plain text, where everybody who can read the repository has them for good',
};

/** Not --cluster: that is kubectl's word for a cluster of the kubeconfig. */
export const CLUSTER_NAME: Flag = {
  name: 'cluster-name',
  type: 'string',
  value: 'NAME',
  explainedIn: 'stores',
  describe: "The cluster's folder in the store (default: named after the cluster's uid)",
  takes: {
    isValid: isFolderName,
    expected: 'the name of a folder: letters, digits, "-", "_" and ".", with a letter or digit at both ends',
  },
};

/** What ID may be, in help. */
export const IDS =
  'ID is the name of a backup in "list" or its beginning, latest (the default), previous, healthy (the newest at which the release was up), or a moment in local time: 2h, yesterday, 2026-11-28T14:00';

/** Of commands that choose a backup. */
export const BEFORE: Flag = {
  name: 'before',
  type: 'string',
  value: 'TIME',
  neverEmpty: true,
  describe: 'Only what was taken before: 2h, 2026-11-28T14:00',
};

export const INTO: Flag = {
  name: 'into',
  type: 'string',
  value: 'NAMESPACE',
  neverEmpty: true,
  describe: 'Restore a copy into this namespace, made if missing',
};

export const ALL_NAMESPACES: Flag = {
  name: 'all-namespaces',
  short: 'A',
  type: 'boolean',
  describe: 'Every namespace; wins over -n',
};

/** Of commands that ask before they write. */
export const YES: Flag = {
  name: 'yes',
  short: 'y',
  type: 'boolean',
  describe: 'Do not ask; needed where there is no terminal',
};

export const NO_HEADERS: Flag = {
  name: 'no-headers',
  type: 'boolean',
  describe: 'Leave out the line with the names of the columns',
};

export const OUTPUT: Flag = {
  name: 'output',
  short: 'o',
  type: 'string',
  value: 'FORMAT',
  choices: OUTPUT_FORMATS,
  describe: `${OUTPUT_FORMATS.slice(1).join(', ')} (default: a table)`,
};

const DRY_RUNS = ['none', 'client', 'server'] as const;

/** Of commands that write to the store alone: no server has more to say, and so client and server are the same. */
export const STORE_DRY_RUN: Flag = {
  name: 'dry-run',
  type: 'string',
  value: 'MODE',
  choices: DRY_RUNS,
  bare: 'server',
  neverEmpty: true,
  describe: 'Show what would be done, and do nothing',
};

export function isDryRun(values: FlagValues): boolean {
  return values.choice('dry-run', DRY_RUNS, 'none') !== 'none';
}

export function outputFormat(values: FlagValues): OutputFormat {
  return values.choice('output', OUTPUT_FORMATS, 'table');
}

/** A store, and who named it. */
export interface NamedStore {
  location: string;
  /** nobody: the folder beside where the user stands, unless a schedule of the namespace uses another store. */
  by: 'flag' | 'environment' | 'nobody';
}

/**
 * `--store`, else what the environment names.
 * @throws UsageError where it holds credentials: it is shown.
 */
export function namedStore(values: FlagValues, env: NodeJS.ProcessEnv): NamedStore {
  const flag = values.text('store');
  const location = flag ?? (env.MEMCACHED_BACKUP_STORE || DEFAULT_STORE);
  assertHoldsNoCredentials(location);
  if (flag !== undefined) return { location, by: 'flag' };
  return { location, by: env.MEMCACHED_BACKUP_STORE ? 'environment' : 'nobody' };
}

/** The image of the pod that reaches a store on a claim. */
export function helperImage(
  values: FlagValues,
  env: NodeJS.ProcessEnv,
): Pick<PvcAccess, 'image' | 'imageFlags'> {
  // A schedule's image is this tool's, too.
  const given = values.text('helper-image') ?? values.text('image');
  return {
    image: given ?? (env.MEMCACHED_BACKUP_HELPER_IMAGE || `memcached-backup:${VERSION}`),
    imageFlags: given === undefined ? [] : ['--helper-image', given],
  };
}

/** What the flags say of a store in Git. @param isTerminal somebody can answer git's questions. */
export function gitAccess(values: FlagValues, isTerminal: boolean): GitAccess {
  return { allowPlainSecrets: values.isSet('allow-plain-secrets'), isTerminal };
}

/**
 * What the flags say of a store in S3.
 * @param prefix "to-" for the flags of the store that is copied to.
 * @throws UsageError for a key without the encryption that it is for.
 */
export function s3Access(values: FlagValues, prefix: '' | 'to-' = ''): S3Access {
  const endpoint = values.text(`${prefix}s3-endpoint`);
  const profile = values.text(`${prefix}s3-profile`);
  const kmsKeyId = values.text(`${prefix}s3-sse-kms-key-id`);
  const sse = ENCRYPTIONS.find((each) => each === values.text(`${prefix}s3-sse`));
  if (kmsKeyId !== undefined && !sse?.startsWith('aws:kms'))
    throw new UsageError(
      `--${prefix}s3-sse-kms-key-id names a key for --${prefix}s3-sse aws:kms, which is not given`,
    );
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(sse === undefined ? {} : { sse }),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
  };
}
