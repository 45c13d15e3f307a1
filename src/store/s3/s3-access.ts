import { UsageError } from '../../errors/tool-error.ts';

/** How the server is to encrypt what it stores (Amazon S3 API, x-amz-server-side-encryption). */
export const ENCRYPTIONS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;
export type ServerSideEncryption = (typeof ENCRYPTIONS)[number];

/** What flags say of a store in S3, beside where it is. */
export interface S3Access {
  /** --s3-endpoint: the URL of a server that is not Amazon's. */
  endpoint?: string;
  /** --s3-profile: a profile of the AWS CLI's configuration files, in place of AWS_PROFILE and of keys in the environment. */
  profile?: string;
  /** --s3-sse */
  sse?: ServerSideEncryption;
  /** --s3-sse-kms-key-id */
  kmsKeyId?: string;
  /** Tells a person what is no failure; nobody where absent. */
  warn?: (text: string) => void;
}

/** These flags again, for an advised command: " --s3-endpoint http://127.0.0.1:9000"; "" without any. */
export function accessFlags({ endpoint, profile, sse, kmsKeyId }: S3Access): string[] {
  const flags: [string, string | undefined][] = [
    ['s3-endpoint', endpoint],
    ['s3-profile', profile],
    ['s3-sse', sse],
    ['s3-sse-kms-key-id', kmsKeyId],
  ];
  return flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
}

/**
 * The endpoint of the server that is used: the first that was named (by a flag, then by the schedule whose store it is), else
 * what the environment names, as the AWS SDKs read it. Undefined: Amazon's, or what a configuration file of AWS names.
 */
export function endpointInUse(
  env: NodeJS.ProcessEnv,
  ...named: readonly (string | undefined)[]
): string | undefined {
  const first = named.find((endpoint) => endpoint !== undefined);
  if (first !== undefined) return first;
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined;
  return env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined;
}

/**
 * It is shown in errors, and stands in a schedule, so it holds no credential either.
 * @throws UsageError, which does not repeat it.
 */
export function assertEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isFine = url !== undefined && ['http:', 'https:'].includes(url.protocol) && !endpoint.includes('@');
  if (isFine) return;
  throw new UsageError(
    'the endpoint of S3 is no URL such as https://minio.example:9000, without user and password',
    {
      next: 'correct --s3-endpoint, or AWS_ENDPOINT_URL_S3',
    },
  );
}
