import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CachedItem } from './items/cached-item.ts';

/** Items are handed on so many, or as many as have so many bytes, at a time. */
const BATCH_ITEMS = 1000;
const BATCH_BYTES = 2 ** 20;
/** Read from the file at one time. */
const CHUNK = 2 ** 20;
/** Lengths of key and value, flags, and when it expires. */
const HEAD = 4 + 4 + 4 + 8;
const CIPHER = 'aes-256-ctr';

/**
 * Items of a cache that wait for another one, outside of memory: in a file that has no name by the time that it holds anything, and
 * whose content no one else can read, for its key is in this process alone. Whatever ends the process, nothing is left of it.
 */
export class ItemSpool implements AsyncDisposable {
  items = 0;
  readonly #file: FileHandle;
  readonly #secret = { key: randomBytes(32), iv: randomBytes(16) };
  readonly #cipher = createCipheriv(CIPHER, this.#secret.key, this.#secret.iv);
  #written: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws as the file system does: no room, no folder for temporary files. */
  static async create(folder = tmpdir()): Promise<ItemSpool> {
    const own = await mkdtemp(join(folder, 'memcached-backup-'));
    try {
      return new ItemSpool(await open(join(own, 'items'), 'wx+', 0o600));
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  }

  /** Adds items. @param now milliseconds since the epoch. */
  add(items: readonly CachedItem[], now: number): Promise<void> {
    const parts = items.flatMap((item): Buffer[] => {
      const key = Buffer.from(item.key, 'latin1');
      const head = Buffer.alloc(HEAD);
      head.writeUInt32LE(key.length, 0);
      head.writeUInt32LE(item.value.length, 4);
      head.writeUInt32LE(item.flags, 8);
      head.writeDoubleLE(item.ttl === -1 ? -1 : now + item.ttl * 1000, 12);
      this.items++;
      return [head, key, item.value];
    });
    const sealed = this.#cipher.update(Buffer.concat(parts));
    const writing = this.#written.then(() => this.#file.appendFile(sealed));
    this.#written = writing.catch(() => undefined);
    return writing;
  }

  /** Hands all of them on, those that have expired left out; once. @param now milliseconds since the epoch. */
  async eachBatch(now: () => number, onItems: (items: CachedItem[]) => Promise<void>): Promise<void> {
    await this.#written;
    const decipher = createDecipheriv(CIPHER, this.#secret.key, this.#secret.iv);
    let batch: CachedItem[] = [];
    let [size, at] = [0, 0];
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      rest = Buffer.concat([rest, decipher.update(buffer.subarray(0, bytesRead))]);
      for (let item = takeItem(rest); item !== undefined; item = takeItem(rest)) {
        rest = rest.subarray(item.length);
        const ttl = item.expiresAt === -1 ? -1 : Math.floor((item.expiresAt - now()) / 1000);
        if (ttl !== -1 && ttl <= 0) continue;
        batch.push({ key: item.key, value: item.value, flags: item.flags, ttl });
        size += item.value.length;
        if (batch.length < BATCH_ITEMS && size < BATCH_BYTES) continue;
        await onItems(batch);
        [batch, size] = [[], 0];
      }
    }
    if (batch.length > 0) await onItems(batch);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written;
    await this.#file.close();
  }
}

/** The first item of a text; undefined where not all of it is there. */
function takeItem(
  text: Buffer,
): (Omit<CachedItem, 'ttl'> & { expiresAt: number; length: number }) | undefined {
  if (text.length < HEAD) return undefined;
  const [keyLength, valueLength] = [text.readUInt32LE(0), text.readUInt32LE(4)];
  const length = HEAD + keyLength + valueLength;
  if (text.length < length) return undefined;
  return {
    key: text.toString('latin1', HEAD, HEAD + keyLength),
    value: text.subarray(HEAD + keyLength, length),
    flags: text.readUInt32LE(8),
    expiresAt: text.readDoubleLE(12),
    length,
  };
}
