import { type Advice, advice } from '../../advice/advice.ts';
import { type Command, pipe, placeholder, shell } from '../../advice/command.ts';
import type { StoreTrouble, TroubleKind } from '../store-error.ts';
import { type AwsError, isOfCertificate } from './aws-error.ts';
import { cliFlags, profileFlags, type S3Request } from './s3-request.ts';

/** Why a request came to nothing, and what to do about it. */
export interface Reason {
  /** One clause: "the bucket does not exist". */
  why: string;
  next: Advice;
  isFull?: true;
  trouble?: StoreTrouble;
}

const CREDENTIALS_NEXT = advice`set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN where they came with one), or AWS_PROFILE; ${shell('aws', 'sts', 'get-caller-identity')} shows who you are`;

/** Codes of answers (Amazon S3 API, Error responses; MinIO's begin with XMinio, versitygw's with XAdmin), and what to do about them. */
const CODES: Record<string, (request: S3Request, error: AwsError) => Reason> = {
  NoSuchBucket: noBucket,
  AccessDenied: denied,
  Forbidden: denied,
  AllAccessDisabled: denied,
  AccountProblem: denied,
  PermanentRedirect: wrongRegion,
  AuthorizationHeaderMalformed: wrongRegion,
  IllegalLocationConstraintException: wrongRegion,
  MovedPermanently: wrongRegion,
  301: wrongRegion,
  InvalidRegionName: wrongRegion,
  RequestTimeTooSkewed: skewed,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  InvalidToken: (request) => refused(request, 'the session token is none that S3 knows'),
  InvalidAccessKeyId: unknownKey,
  XAdminUserNotFound: unknownKey,
  SignatureDoesNotMatch: (request) =>
    refused(request, 'the secret key does not belong to the access key, or a proxy changed the request'),
  CredentialsProviderError: (request, { message }) => ({
    why:
      request.profile === undefined
        ? `there are no credentials (${message})`
        : `the profile ${request.profile} gives no credentials (${message})`,
    next: nextOf(request),
    trouble: trouble('no credentials', configured(request)),
  }),
  SlowDown: busy,
  ServiceUnavailable: busy,
  TooManyRequests: busy,
  QuotaExceeded: full,
  InsufficientStorage: full,
  XMinioStorageFull: full,
  XMinioAdminBucketQuotaExceeded: full,
  MethodNotAllowed: () => ({
    why: 'the bucket takes no such request: is it read-only?',
    next: 'name another bucket with --store',
  }),
  XAmzContentSHA256Mismatch: badChecksum,
  BadDigest: badChecksum,
  InvalidDigest: badChecksum,
  XAmzContentChecksumMismatch: badChecksum,
  NotImplemented: unknownHeader,
};

/** Codes of Node where there was no answer. */
const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'there is no such host in DNS',
  EAI_AGAIN: 'DNS does not answer',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no network to it',
  ETIMEDOUT: 'it does not answer',
  TimeoutError: 'it does not answer',
  ERR_PROXY_TUNNEL: 'the proxy (HTTPS_PROXY) refuses to connect to it',
};

export function reasonFor(error: AwsError, request: S3Request): Reason {
  const known = CODES[error.name];
  if (known !== undefined) return known(request, error);
  const { endpoint, bucket } = request;
  const server = endpoint ?? `S3 (the bucket ${bucket})`;
  if (isOfCertificate(error)) {
    return {
      why: `the certificate of ${server} is not trusted: ${error.message}`,
      next: 'name the CA that signed it: export AWS_CA_BUNDLE=/path/to/ca.pem',
      trouble: trouble(
        'certificate',
        shell('openssl', 's_client', '-connect', hostOf(request), '-showcerts', { syntax: '</dev/null' }),
        shell('export', 'AWS_CA_BUNDLE=/path/to/ca.pem'),
      ),
    };
  }
  const network = NETWORK[error.code] ?? NETWORK[error.name];
  if (network !== undefined) {
    return {
      why: `${server} can't be reached: ${network}`,
      next: 'check the endpoint (--s3-endpoint, AWS_ENDPOINT_URL_S3), AWS_REGION, the network, and HTTPS_PROXY and NO_PROXY',
      trouble: trouble('unreachable', shell('curl', '-sSv', '-o', '/dev/null', urlOf(request))),
    };
  }
  if (error.message.includes('Region is missing')) {
    return {
      why: 'no region is named',
      next: advice`${shell('export', placeholder('REGION', 'AWS_REGION='))} (the one of the bucket), or name a server: --s3-endpoint URL`,
      trouble: trouble('other region', shell('aws', 's3api', 'get-bucket-location', '--bucket', bucket)),
    };
  }
  const status = error.status === undefined ? '' : ` (HTTP ${error.status})`;
  return {
    why: `${error.name}: ${error.message}${status}`,
    next:
      (error.status ?? 0) >= 500
        ? 'try again; if it goes on, see how the server is doing'
        : advice`see what the server says to: ${shell('aws', 's3', 'ls')}`,
  };
}

function noBucket(request: S3Request): Reason {
  const { bucket, endpoint } = request;
  const cli = cliFlags(request);
  const make = shell('aws', 's3', 'mb', `s3://${bucket}`, ...cli);
  const server = endpoint === undefined ? ' and account' : ` (${endpoint})`;
  return {
    why: 'the bucket does not exist',
    next: advice`check its name, and the server${server}; to make it: ${make}`,
    trouble: trouble('container missing', shell('aws', 's3', 'ls', ...cli), make),
  };
}

function denied(request: S3Request): Reason {
  const { action, bucket, key } = request;
  const resource = action === 's3:ListBucket' ? bucket : `${bucket}/${key}`;
  const cli = cliFlags(request);
  return {
    why: `permission denied: no policy allows ${action} on arn:aws:s3:::${resource}, or one denies it`,
    next: `allow it: docs/stores.md has a policy to paste; --store s3://${bucket} needs s3:ListBucket, s3:GetObject and s3:PutObject`,
    trouble: trouble(
      'denied',
      ...identity(request),
      shell('aws', 's3api', 'get-bucket-policy', '--bucket', bucket, ...cli),
    ),
  };
}

function wrongRegion(request: S3Request, { region }: AwsError): Reason {
  const { bucket, endpoint } = request;
  const set = shell(
    'export',
    region === undefined ? placeholder('REGION', 'AWS_REGION=') : `AWS_REGION=${region}`,
  );
  const look = shell('aws', 's3api', 'get-bucket-location', '--bucket', bucket, ...cliFlags(request));
  const commands = region === undefined ? [look, set] : [set];
  if (endpoint !== undefined)
    return {
      why: 'the server wants another region',
      next: advice`name its region: ${set}`,
      trouble: trouble('other region', ...commands),
    };
  const where = region === undefined ? 'another region' : `the region ${region}`;
  return { why: `the bucket is in ${where}`, next: set, trouble: trouble('other region', ...commands) };
}

function skewed(request: S3Request): Reason {
  return {
    why: 'the clock of this machine and that of S3 are more than 15 minutes apart',
    next: 'set the clock (timedatectl; chronyc tracking), then try again',
    trouble: trouble(
      'clock',
      shell('date', '-u'),
      pipe(shell('curl', '-sI', urlOf(request)), shell('grep', '-i', '^date:')),
      shell('timedatectl'),
    ),
  };
}

function expired(request: S3Request): Reason {
  return {
    why: 'the credentials have expired',
    next: advice`get new ones (${shell('aws', 'sso', 'login', ...profileFlags(request))}), or ${nextOf(request)}`,
    trouble: trouble('expired credentials', configured(request), ...identity(request)),
  };
}

function unknownKey(request: S3Request): Reason {
  return refused(request, 'S3 does not know the access key');
}

function refused(request: S3Request, why: string): Reason {
  return {
    why,
    next: nextOf(request),
    trouble: trouble('refused credentials', configured(request), ...identity(request)),
  };
}

function busy(): Reason {
  return { why: 'S3 asks to slow down, after several tries', next: 'try again in some minutes' };
}

function full(): Reason {
  return {
    why: 'the storage is full',
    next: 'free some space, or name another store with --store',
    isFull: true,
  };
}

function badChecksum(request: S3Request, { name, message }: AwsError): Reason {
  return {
    why: `the server takes the checksum of what it got for wrong (${name}: ${message})`,
    next: 'see whether a proxy changes what goes through it, and whether the server is of an age to know the header that it names',
    trouble: trouble('checksum refused', shell('curl', '-sI', urlOf(request))),
  };
}

/** The server knows a header for none of its own; old servers say so of conditional writes. */
function unknownHeader(request: S3Request, { header = '', message }: AwsError): Reason {
  const look = shell('curl', '-sI', urlOf(request));
  if (/checksum|content-md5|content-sha256/i.test(header))
    return {
      why: `the server does not know the checksum header ${header}`,
      next: 'update the server, or name another store with --store',
      trouble: trouble('checksum refused', look),
    };
  if (request.action === 's3:PutObject' && (header === '' || /^if-(none-)?match$/i.test(header)))
    return {
      why: `the server knows no conditional writes (If-None-Match): ${message}`,
      next: 'update the server, or name another store with --store: without them, one backup may write over another',
      trouble: trouble('conditions refused', look),
    };
  return {
    why: `the server can't do what was asked${header === '' ? '' : ` (${header})`}: ${message}`,
    next: 'update the server, or name another store with --store',
  };
}

function trouble(kind: TroubleKind, ...commands: Advice[]): StoreTrouble {
  return { kind, commands };
}

/** Only Amazon tells. */
function identity(request: S3Request): Command[] {
  return request.endpoint === undefined
    ? [shell('aws', 'sts', 'get-caller-identity', ...profileFlags(request))]
    : [];
}

/** Which credentials are used. */
function configured(request: S3Request): Command {
  return shell('aws', 'configure', 'list', ...profileFlags(request));
}

function nextOf({ profile }: S3Request): Advice {
  if (profile === undefined) return CREDENTIALS_NEXT;
  return advice`see what the profile holds (${shell('aws', 'configure', 'list', ...profileFlags({ profile }))}), or name another: ${shell('aws', 'configure', 'list-profiles')}`;
}

function urlOf({ endpoint, bucket }: S3Request): string {
  return endpoint ?? `https://${bucket}.s3.amazonaws.com`;
}

function hostOf(request: S3Request): string {
  const { hostname, port } = new URL(urlOf(request));
  return `${hostname}:${port || '443'}`;
}
