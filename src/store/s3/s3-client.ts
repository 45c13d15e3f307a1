import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { ToolError } from '../../errors/tool-error.ts';
import { proxyEnvironment } from '../../model/network/proxy-environment.ts';
import { boundAnswers } from './bounded-answers.ts';
import { assertEndpoint, endpointInUse, type S3Access } from './s3-access.ts';

/** A connection that is not made by then will not be. */
const CONNECT_MS = 5_000;
/** Longest silence on a connection. */
const SILENCE_MS = 10_000;
const ATTEMPTS = 3;
const MAX_SOCKETS = 16;

/** Where nobody names one: what servers that are not Amazon's take for their own. */
const REGION = 'us-east-1';
const AMAZON = 'https://s3.amazonaws.com';

/** The SDK writes to standard error where a profile and keys are both there: a named profile wins, as it should. */
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {}

export interface S3Connection {
  client: S3Client;
  /** As it is named; undefined: Amazon's, or one of a profile. */
  endpoint: string | undefined;
}

/**
 * A client with the SDK's own chain of credentials. What the SDK alone passes over is added: AWS_CA_BUNDLE (in place of
 * the system's, as the AWS CLI reads it), HTTPS_PROXY, HTTP_PROXY and NO_PROXY, AWS_DEFAULT_REGION, and for a named
 * endpoint its region and path style.
 * @throws UsageError, ToolError where the CA can't be read.
 */
export async function connectS3(
  { endpoint: flag, profile }: S3Access,
  env: NodeJS.ProcessEnv,
): Promise<S3Connection> {
  const endpoint = endpointInUse(env, flag);
  if (endpoint !== undefined) assertEndpoint(endpoint);
  const region = (env.AWS_REGION || env.AWS_DEFAULT_REGION) ?? '';
  const proxyEnv = proxyEnvironment(endpoint ?? AMAZON, undefined, env);
  const pool = { keepAlive: true, maxSockets: MAX_SOCKETS, ...(proxyEnv === undefined ? {} : { proxyEnv }) };
  const ca = await readBundle(env);
  const config: S3ClientConfig = {
    ...(region === '' ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: ATTEMPTS,
    logger: SILENT,
    // Bodies are signed with their sha256; servers that know no other checksum take that.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      httpAgent: new HttpAgent(pool),
      httpsAgent: new HttpsAgent({ ...pool, ...(ca === undefined ? {} : { ca }) }),
    },
  };
  const client = connected(config);
  if (region !== '' || endpoint === undefined) return { client, endpoint };
  // A profile may name one; only the SDK knows.
  const hasRegion = await client.config.region().then(
    () => true,
    () => false,
  );
  if (hasRegion) return { client, endpoint };
  client.destroy();
  return { client: connected({ ...config, region: REGION }), endpoint };
}

function connected(config: S3ClientConfig): S3Client {
  const client = new S3Client(config);
  boundAnswers(client);
  return client;
}

async function readBundle({ AWS_CA_BUNDLE: path }: NodeJS.ProcessEnv): Promise<Buffer | undefined> {
  if (!path) return undefined;
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ToolError(`AWS_CA_BUNDLE can't be read: ${(cause as Error).message}`, {
      next: 'correct it, or unset AWS_CA_BUNDLE',
      cause,
    });
  }
}
