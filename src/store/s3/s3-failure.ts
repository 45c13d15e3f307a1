import type { Advice } from '../../advice/advice.ts';
import type { StoreName } from '../advice.ts';
import { type StoreTrouble, UnreadableStore, UnwritableStore } from '../store-error.ts';
import { awsError, isRefusal } from './aws-error.ts';
import { reasonFor } from './s3-reasons.ts';
import type { S3Request } from './s3-request.ts';

/** Why S3 did not do what was asked. It never leaves this store: {@link s3ReadError} and {@link s3WriteError} say it. */
export class S3Failure extends Error {
  readonly request: S3Request;
  readonly code: string;
  readonly next: Advice;
  readonly isFull: boolean;
  readonly trouble: StoreTrouble | undefined;
  /** The server said no, or never heard of it: nothing came of the request. Else nobody knows. */
  readonly isRefusal: boolean;

  constructor(cause: unknown, request: S3Request) {
    const error = awsError(cause);
    const { why, next, isFull = false, trouble } = reasonFor(error, request);
    super(why, { cause });
    this.request = request;
    this.code = error.name;
    this.next = next;
    this.isFull = isFull;
    this.trouble = trouble;
    this.isRefusal = isRefusal(error);
  }

  /** It may not be done; what it is about may be there or not. */
  get isDenied(): boolean {
    return this.trouble?.kind === 'denied';
  }

  get isMissing(): boolean {
    return ['NoSuchKey', 'NotFound'].includes(this.code);
  }

  /** "s3:PutObject of s3://bucket/key" */
  get what(): string {
    const { action, bucket, key } = this.request;
    return `${action} of s3://${bucket}/${key}`;
  }
}

/** Why a store in S3 could not be read; what does not come from S3 stays as it is. */
export function s3ReadError(error: unknown, { location }: StoreName): unknown {
  if (!(error instanceof S3Failure)) return error;
  return new UnreadableStore(`can't read the store ${location}: ${error.message} (${error.what})`, {
    next: error.next,
    cause: error,
    trouble: error.trouble,
  });
}

/**
 * Why nothing could be written.
 * @param left what lies there now that should not; one clause.
 */
export function s3WriteError(error: unknown, { location }: StoreName, left?: string): unknown {
  if (!(error instanceof S3Failure)) return error;
  const message = `can't write to the store ${location}: ${error.message} (${error.what})`;
  const untouched = `${left ?? 'nothing half written is left in it'}; the backups that it holds are as they were`;
  const { next, trouble } = error;
  return new UnwritableStore(message, { untouched, next, trouble, cause: error }, error.isFull);
}
