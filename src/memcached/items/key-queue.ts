import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Keys in memory, bytes; what is beyond them waits in a file. */
const IN_MEMORY = 16 * 2 ** 20;

/**
 * Batches of keys between whoever lists them and whoever asks for their items. It takes any number at once and never makes anybody wait: while
 * memcached waits for its listing to be read, clients wait for the part of its hash table where it stands. So memory stays flat by a file of the
 * user's own, which has no name any more once it is open: nothing of it is left, however the process ends.
 */
export class KeyQueue {
  readonly #limit: number;
  readonly #batches: string[][] = [];
  #bytes = 0;
  #file: number | undefined;
  /** Where batches lie in the file. */
  readonly #filed: { at: number; length: number }[] = [];
  #end = 0;
  #isOver = false;
  #waiting: (() => void)[] = [];
  /** There is no file to put anything into. */
  #isWithoutFile = false;

  constructor(limit = IN_MEMORY) {
    this.#limit = limit;
  }

  push(batch: string[]): void {
    const bytes = batch.reduce((sum, key) => sum + key.length, 0);
    if (this.#bytes + bytes <= this.#limit || !this.#putAside(batch)) {
      this.#batches.push(batch);
      this.#bytes += bytes;
    }
    this.#wake();
  }

  /** No more will come. Whoever waits hears so; what is there is still given. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Forgets everything, and the file. */
  close(): void {
    this.end();
    this.#batches.length = 0;
    this.#filed.length = 0;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#isWithoutFile = true;
  }

  /** A batch, in no order; undefined where no more will come. */
  async take(): Promise<string[] | undefined> {
    for (;;) {
      const batch = this.#batches.pop();
      if (batch !== undefined) {
        this.#bytes -= batch.reduce((sum, key) => sum + key.length, 0);
        return batch;
      }
      const place = this.#filed.pop();
      if (place !== undefined) return this.#read(place);
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** False where no file can be made: then memory has to do. */
  #putAside(batch: readonly string[]): boolean {
    if (this.#isWithoutFile) return false;
    try {
      this.#file ??= openUnnamed();
      const bytes = Buffer.from(JSON.stringify(batch));
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#end + done);
      this.#filed.push({ at: this.#end, length: bytes.length });
      this.#end += bytes.length;
      return true;
    } catch {
      this.#isWithoutFile = true;
      return false;
    }
  }

  #read({ at, length }: { at: number; length: number }): string[] {
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) {
      const read = readSync(this.#file!, bytes, done, length - done, at + done);
      if (read === 0) throw new Error('a file of keys ended before its end');
      done += read;
    }
    return JSON.parse(bytes.toString('utf8')) as string[];
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A new file that nobody else can open, and that is gone when it is closed. */
function openUnnamed(): number {
  const path = join(tmpdir(), `memcached-backup-keys-${randomBytes(12).toString('hex')}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}
