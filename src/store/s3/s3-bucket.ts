import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { shell } from '../../advice/command.ts';
import { sha256 } from '../format/digest.ts';
import { UnwritableStore } from '../store-error.ts';
import type { S3Access } from './s3-access.ts';
import type { S3Connection } from './s3-client.ts';
import { S3Failure } from './s3-failure.ts';
import type { S3Place } from './s3-location.ts';
import { cliFlags, type S3Action, type S3Request } from './s3-request.ts';

/** All tries of one request, however large. */
const REQUEST_MS = 30_000;
/** What a slow line still carries in a millisecond. */
const BYTES_A_MS = 100;
/** A thousand objects each: a bucket with more below one prefix is no store. */
const MAX_PAGES = 2_000;
const TAKEN = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);
const PROBE = Buffer.from('written by doctor, to see whether it can\n');
const NOT_ENCRYPTED = 'the server stores the object without the encryption that was asked for';

export interface StoredObject {
  /** Below the prefix of the store. */
  key: string;
  size: number;
  /** When it was written; the epoch where the server does not say. */
  at: Date;
}

/** One page of a listing. */
export interface ListedObjects {
  objects: StoredObject[];
  /** Folders, where the listing goes no deeper than one; each ends in "/". */
  folders: string[];
  isLast: boolean;
}

export interface PutNew {
  mark: string;
  isLast?: boolean;
  signal?: AbortSignal | undefined;
}

/** What came of trying to write. */
export interface TriedPut {
  /** The server keeps a write from going over what is there, where it is asked to. */
  isGuarded: boolean;
  /** Why nothing may be written, or not as it should be; absent where it may. */
  refusal?: S3Failure | UnwritableStore;
}

interface SendOptions {
  bytes?: number;
  /** Goes on after a signal. */
  isDeaf?: boolean;
  signal?: AbortSignal | undefined;
}

/** The objects of one store, by keys below its prefix. Every failure of S3 is an {@link S3Failure}. */
export class S3Bucket {
  readonly #place: S3Place;
  readonly #access: S3Access;
  readonly #connection: () => Promise<S3Connection>;
  readonly #signal: AbortSignal | undefined;

  /**
   * @param connection made on first use.
   * @param signal breaks off what is under way, with its reason.
   */
  constructor(
    place: S3Place,
    access: S3Access,
    connection: () => Promise<S3Connection>,
    signal?: AbortSignal,
  ) {
    this.#place = place;
    this.#access = access;
    this.#connection = connection;
    this.#signal = signal;
  }

  /** How many bytes of a key the store's own prefix takes. */
  get prefixBytes(): number {
    return this.#place.prefix.length;
  }

  /** The objects below a prefix, page by page, or the folders just below it. */
  async *list(below: string, { foldersOnly = false } = {}): AsyncGenerator<ListedObjects> {
    const { bucket, prefix } = this.#place;
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const ContinuationToken = token;
      const answer = await this.#send('s3:ListBucket', below, (client, abortSignal) =>
        client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix + below,
            // Others' keys may hold what XML can't.
            EncodingType: 'url',
            ...(foldersOnly ? { Delimiter: '/' } : {}),
            ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
          }),
          { abortSignal },
        ),
      );
      const keyOf = (text = ''): string[] => {
        const key = answer.EncodingType === 'url' ? decoded(text) : text;
        return key?.startsWith(prefix) ? [key.slice(prefix.length)] : [];
      };
      token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
      yield {
        objects: (answer.Contents ?? []).flatMap(({ Key, Size = 0, LastModified = new Date(0) }) =>
          keyOf(Key).map((key) => ({ key, size: Size, at: LastModified })),
        ),
        folders: (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => keyOf(Prefix)),
        isLast: token === undefined,
      };
      if (token === undefined) return;
    }
    throw new S3Failure(
      new Error(`the listing of s3://${bucket}/${prefix}${below} does not end`),
      this.#request('s3:ListBucket', below),
    );
  }

  /** @returns undefined where the object is larger than `maximum` bytes. */
  async get(key: string, maximum: number): Promise<Buffer | undefined> {
    const { bucket, prefix } = this.#place;
    return this.#send(
      's3:GetObject',
      key,
      async (client, abortSignal) => {
        const { Body, ContentLength } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: prefix + key }),
          { abortSignal },
        );
        if (Body === undefined) return Buffer.alloc(0);
        const stream = Body as unknown as AsyncIterable<Uint8Array> & { destroy(): void };
        const chunks: Uint8Array[] = [];
        let size = 0;
        if ((ContentLength ?? 0) <= maximum) {
          for await (const chunk of stream) {
            size += chunk.length;
            chunks.push(chunk);
            if (size > maximum) break;
          }
          if (size <= maximum) return Buffer.concat(chunks);
        }
        stream.destroy();
        return undefined;
      },
      { bytes: maximum },
    );
  }

  /**
   * Writes an object that is not there yet.
   * @param options.mark tells this writer's object from another's of the same name.
   * @param options.isLast nothing breaks it off.
   * @returns 'same': another writer's is there with the same content; 'taken': with another.
   */
  async putNew(key: string, body: Buffer, options: PutNew): Promise<'written' | 'same' | 'taken'> {
    const { mark, isLast = false } = options;
    try {
      await this.#put(key, body, { ...options, IfNoneMatch: '*' });
      return 'written';
    } catch (error) {
      // 412: it is there; 409: another request for it is under way (Amazon S3 User Guide, Conditional writes).
      if (!(error instanceof S3Failure) || !TAKEN.has(error.code)) throw error;
      const there = await this.#metadataOf(key, isLast).catch((cause: unknown): Record<string, string> => {
        // Removed meanwhile; or some servers count the mark of one that was removed, in a bucket with versions.
        if (cause instanceof S3Failure && cause.isMissing) return {};
        throw cause;
      });
      // An answer may have been lost, and the SDK asked again.
      if (there.writer === mark) return 'written';
      return there.sha256 === sha256(body) ? 'same' : 'taken';
    }
  }

  /** Writes an object, over the one that may be there. */
  async put(key: string, body: Buffer): Promise<void> {
    await this.#put(key, body, {});
  }

  /**
   * Whether objects may be written, and what the server makes of what is asked of a write. Where it knows its conditions
   * nothing is written for that, but where it is to encrypt: of that only the answer to a write tells.
   * @param key of an object that nobody needs; it is there for a moment at most.
   */
  async tryPut(key: string): Promise<TriedPut> {
    try {
      if (await this.#isHeldBack(key)) {
        if (this.#access.sse === undefined) return { isGuarded: true };
        await this.#put(key, PROBE, {});
      }
      // A server that knows no state to match may know this one, which is what backups rely on.
      const isGuarded = await this.#put(key, PROBE, { IfNoneMatch: '*' }).then(
        () => false,
        (error: unknown) => {
          if (error instanceof S3Failure && TAKEN.has(error.code)) return true;
          throw error;
        },
      );
      await this.remove(key).catch(() => {});
      return { isGuarded };
    } catch (error) {
      if (error instanceof S3Failure || error instanceof UnwritableStore)
        return { isGuarded: true, refusal: error };
      throw error;
    }
  }

  /** Asks for a write that can't be. @returns false where it was done. @throws S3Failure where none may be. */
  async #isHeldBack(key: string): Promise<boolean> {
    try {
      // Of an object that is not there no state can be matched: whoever may write is told that.
      await this.#put(key, PROBE, { IfMatch: `"${'0'.repeat(32)}"` });
      return false;
    } catch (error) {
      if (error instanceof S3Failure && (error.isMissing || error.code === 'PreconditionFailed')) return true;
      throw error;
    }
  }

  /**
   * Removes an object; one that is not there is no failure. Goes on after a signal: it clears up.
   * @returns whether the bucket keeps it as an older version.
   */
  async remove(key: string): Promise<boolean> {
    const { bucket, prefix } = this.#place;
    const { DeleteMarker } = await this.#send(
      's3:DeleteObject',
      key,
      (client, abortSignal) =>
        client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + key }), { abortSignal }),
      { isDeaf: true },
    );
    return DeleteMarker === true;
  }

  async #metadataOf(key: string, isLast: boolean): Promise<Record<string, string>> {
    const { bucket, prefix } = this.#place;
    const { Metadata } = await this.#send(
      's3:GetObject',
      key,
      (client, abortSignal) =>
        client.send(new HeadObjectCommand({ Bucket: bucket, Key: prefix + key }), { abortSignal }),
      { isDeaf: isLast },
    );
    return Metadata ?? {};
  }

  async #put(
    key: string,
    body: Buffer,
    options: Partial<PutNew> & { IfNoneMatch?: string; IfMatch?: string },
  ): Promise<void> {
    const { bucket, prefix } = this.#place;
    const { sse, kmsKeyId } = this.#access;
    const { IfNoneMatch, IfMatch, mark, isLast = false, signal } = options;
    const answer = await this.#send(
      's3:PutObject',
      key,
      (client, abortSignal) =>
        client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: prefix + key,
            // A Buffer, which is signed as a whole: of an unsigned stream that is cut some servers keep what came.
            Body: body,
            ContentLength: body.length,
            // Amazon asks for one where objects are locked by default; every server knows this one.
            ContentMD5: createHash('md5').update(body).digest('base64'),
            ...(mark === undefined ? {} : { Metadata: { writer: mark, sha256: sha256(body) } }),
            ...(IfNoneMatch === undefined ? {} : { IfNoneMatch }),
            ...(IfMatch === undefined ? {} : { IfMatch }),
            ...(sse === undefined ? {} : { ServerSideEncryption: sse }),
            ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
          }),
          { abortSignal },
        ),
      { bytes: body.length, isDeaf: isLast, signal },
    );
    const isAsked =
      answer.ServerSideEncryption === sse && (kmsKeyId === undefined || isKey(answer.SSEKMSKeyId, kmsKeyId));
    if (sse !== undefined && !isAsked) await this.#refuseUnencrypted(key);
  }

  /** Some servers pass over what they don't know, without a word. */
  async #refuseUnencrypted(key: string): Promise<never> {
    const { bucket, prefix } = this.#place;
    const { sse } = this.#access;
    const left = await this.remove(key).then(
      () => 'nothing is left in it',
      () => `s3://${bucket}/${prefix}${key} is left in it, for it may not be removed`,
    );
    throw new UnwritableStore(
      `${NOT_ENCRYPTED}: s3://${bucket}/${prefix}${key} was to be encrypted with ${sse}, and its answer does not say so`,
      {
        untouched: `${left}; the backups that it holds are as they were`,
        next: "configure encryption on the server, or leave out --s3-sse and encrypt the server's disk",
        trouble: {
          kind: 'not encrypted',
          commands: [
            shell('aws', 's3api', 'get-bucket-encryption', '--bucket', bucket, ...cliFlags(this.#access)),
          ],
        },
      },
      true,
    );
  }

  #request(action: S3Action, key: string, endpoint?: string): S3Request {
    const { bucket, prefix } = this.#place;
    const { profile } = this.#access;
    return {
      ...{ action, bucket, key: prefix + key },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(profile === undefined ? {} : { profile }),
    };
  }

  /** @throws S3Failure; the signal's reason where that came first. */
  async #send<T>(
    action: S3Action,
    key: string,
    work: (client: S3Client, signal: AbortSignal) => Promise<T>,
    { bytes = 0, isDeaf = false, signal }: SendOptions = {},
  ): Promise<T> {
    const interruptions = isDeaf ? [] : [this.#signal, signal].filter((each) => each !== undefined);
    for (const each of interruptions) each.throwIfAborted();
    const { client, endpoint } = await this.#connection();
    const deadline = AbortSignal.timeout(REQUEST_MS + Math.ceil(bytes / BYTES_A_MS));
    try {
      return await work(client, AbortSignal.any([deadline, ...interruptions]));
    } catch (error) {
      for (const each of interruptions) each.throwIfAborted();
      const cause = deadline.aborted
        ? Object.assign(new Error('no answer in time'), { name: 'TimeoutError' })
        : error;
      throw new S3Failure(cause, this.#request(action, key, endpoint));
    }
  }
}

/** An answer names the key's ARN; an alias can't be told from it. */
function isKey(answered: string | undefined, asked: string): boolean {
  return answered !== undefined && (asked.includes('alias/') || answered.endsWith(asked));
}

/** undefined where it is not encoded as it should be: no key of ours. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
