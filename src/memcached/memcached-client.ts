import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { MemcachedError } from './memcached-error.ts';
import { type Deadline, TextReader } from './text-reader.ts';

const DEFAULT_TIMEOUT_MS = 5_000;
/** `stats settings` has some eighty lines; a server that never says END is cut off. */
const STATS_LIMIT = 10_000;
/** The canary's item goes by itself even where its delete is lost. */
const CANARY_SECONDS = 60;

export interface MemcachedOptions {
  /** For each command, milliseconds. */
  timeoutMs?: number;
  /** For servers started with -Y; sent only where the server asks. Secret. */
  credentials?: MemcachedCredentials;
  /** What the server is, for messages: "pod/x". */
  name?: string;
}

/** A user of a server that was started with -Y. Secret. */
export interface MemcachedCredentials {
  username: string;
  password: string;
}

/** What a canary item showed the server to do. */
export interface Canary {
  stored: boolean;
  readBack: boolean;
  deleted: boolean;
  /** The server's answer to the first step that failed: "SERVER_ERROR out of memory storing object". */
  refusal?: string;
}

/**
 * memcached's text protocol (memcached/doc/protocol.txt) over any stream. Every method throws
 * {@link MemcachedError}; after one the connection is closed, because its answers no longer line up.
 */
export interface MemcachedClient {
  /** "1.6.39" */
  version(): Promise<string>;
  /** `stats`, or one of its reports; name to value as sent. Counters are never reset. */
  stats(kind?: 'settings' | 'slabs' | 'items' | 'conns'): Promise<Record<string, string>>;
  /**
   * Sends a command of one line that changes a setting (model/settings/runtime-settings.ts). @returns the answer, a line:
   * "OK", or why not.
   */
  change(command: string): Promise<string>;
  /** Stores an item under a random key, reads it back and deletes it. It can't touch another item. */
  canary(): Promise<Canary>;
  /**
   * Sends `request` and has `read` take its answer apart, chunk by chunk: for answers of any length. What is asked is sent at once, so
   * that several share a round trip; answers are read in the order of the requests. The server is asked for its version
   * first, once: one that wants a user would take a value's bytes for commands.
   * @param read must read its answer to the end, and give back what follows it.
   */
  converse<T>(request: string | Buffer, read: (answer: AnswerChunks) => Promise<T>): Promise<T>;
  /** Ends the connection. */
  close(): void;
}

/** An answer as it arrives. */
export interface AnswerChunks {
  /** What has arrived since. @throws MemcachedError "silent" where nothing does for as long as a command may take. */
  next(): Promise<Buffer>;
  /** What was taken and follows the answer's end. */
  unread(rest: Buffer): void;
}

/** Speaks to the server at the other end of `stream`. Nothing is sent before the first command. */
export function openMemcached(stream: Duplex, options: MemcachedOptions = {}): MemcachedClient {
  return new TextClient(stream, options);
}

class TextClient implements MemcachedClient {
  readonly #stream: Duplex;
  readonly #reader: TextReader;
  readonly #options: MemcachedOptions;
  /** Answers come in the order of the commands: each waits for the one before it. */
  #lastAnswer: Promise<unknown> = Promise.resolve();
  /** Over when the server knows who we are, or asks for nobody. Never rejects. */
  #introduced: Promise<void> | undefined;
  #failure: MemcachedError | undefined;
  /** The first answer to {@link converse}'s question for the version. */
  #greeted: Promise<string> | undefined;

  constructor(stream: Duplex, options: MemcachedOptions) {
    this.#stream = stream;
    this.#reader = new TextReader(stream);
    this.#options = options;
  }

  version(): Promise<string> {
    const version = this.#authenticated(() =>
      this.#command('version\r\n', async (deadline) => {
        const line = await this.#line(deadline);
        return /^VERSION (\S+)/.exec(line)?.[1] ?? this.#unexpected('version', line);
      }),
    );
    this.#greeted ??= version;
    return version;
  }

  stats(kind?: 'settings' | 'slabs' | 'items' | 'conns'): Promise<Record<string, string>> {
    const command = kind === undefined ? 'stats' : `stats ${kind}`;
    return this.#authenticated(() =>
      this.#command(`${command}\r\n`, async (deadline) => {
        const entries: [string, string][] = [];
        for (let count = 0; count < STATS_LIMIT; count++) {
          const line = await this.#line(deadline);
          if (line === 'END') return Object.fromEntries(entries);
          const [, name, value] = /^STAT (\S+) ?(.*)$/s.exec(line) ?? this.#unexpected(command, line);
          entries.push([name ?? '', value ?? '']);
        }
        throw new MemcachedError('protocol', `${this.#who()} did not end its answer to "${command}"`);
      }),
    );
  }

  async change(command: string): Promise<string> {
    // Two lines would be two commands.
    if (!/^[\w .-]+$/.test(command)) throw new TypeError(`"${printable(command)}" is no command of one line`);
    return this.#authenticated(async () => printable(await this.#oneLine(`${command}\r\n`)));
  }

  async canary(): Promise<Canary> {
    // A server that wants authentication would take the item's bytes for commands.
    await (this.#greeted ?? this.version());
    const key = `memcached-backup-canary-${randomBytes(12).toString('hex')}`;
    const value = randomBytes(16).toString('hex');
    // At once: of an item that was not stored, nothing is found and nothing deleted.
    const adding = this.#oneLine(`add ${key} 0 ${CANARY_SECONDS} ${value.length}\r\n${value}\r\n`);
    const others = Promise.all([this.#get(key), this.#oneLine(`delete ${key}\r\n`)]);
    others.catch(() => {});
    const added = await adding;
    if (added !== 'STORED')
      return { stored: false, readBack: false, deleted: false, refusal: printable(added) };
    const [found, deleted] = await others;
    const canary = { stored: true, readBack: found === value, deleted: deleted === 'DELETED' };
    if (found === undefined) return { ...canary, refusal: 'the item was gone at once' };
    if (!canary.readBack) return { ...canary, refusal: 'another value was read back' };
    return canary.deleted ? canary : { ...canary, refusal: printable(deleted) };
  }

  async converse<T>(request: string | Buffer, read: (answer: AnswerChunks) => Promise<T>): Promise<T> {
    await (this.#greeted ?? this.version());
    return this.#command(request, () =>
      read({
        next: () => this.#reader.chunk(performance.now() + this.#timeoutMs),
        unread: (rest) => this.#reader.unread(rest),
      }),
    );
  }

  close(): void {
    this.#stream.destroy();
  }

  /**
   * Runs `work`. With credentials the first command goes alone, to learn whether the server asks for a user: until it
   * knows one it answers only once to several commands that reach it in one piece (memcached 1.6.18, tried), and no answer
   * would be that of its command any more.
   */
  #authenticated<T>(work: () => Promise<T>): Promise<T> {
    const { credentials } = this.#options;
    const orFail = (): Promise<T> =>
      work().catch((error: unknown) => {
        throw this.#failed(error);
      });
    if (credentials === undefined) return orFail();
    if (this.#introduced !== undefined) return this.#introduced.then(orFail);
    const first = this.#introducing(work, credentials);
    this.#introduced = first.then(
      () => {},
      () => {},
    );
    return first;
  }

  /** Runs `work`; where the server asks for a user, says who we are and runs it once more. */
  async #introducing<T>(work: () => Promise<T>, credentials: MemcachedCredentials): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const asked = error instanceof MemcachedError && error.reason === 'authentication';
      if (!asked) throw this.#failed(error);
      await this.#authenticate(credentials);
      return work();
    }
  }

  /** The first command of a -Y connection: a `set` of any key whose value is "user password". */
  async #authenticate({ username, password }: MemcachedCredentials): Promise<void> {
    const token = `${username} ${password}`;
    const answer = await this.#oneLine(`set auth 0 0 ${Buffer.byteLength(token)}\r\n${token}\r\n`);
    if (answer === 'STORED') return;
    throw this.#failed(
      new MemcachedError('authentication', `${this.#who()} did not accept the user and password`),
    );
  }

  #oneLine(command: string): Promise<string> {
    return this.#command(command, (deadline) => this.#line(deadline));
  }

  /** The value of a key; undefined where there is none. */
  #get(key: string): Promise<string | undefined> {
    return this.#command(`get ${key}\r\n`, async (deadline) => {
      const head = await this.#line(deadline);
      if (head === 'END') return undefined;
      const size = /^VALUE \S+ \d+ (\d{1,7})$/.exec(head)?.[1] ?? this.#unexpected('get', head);
      const block = await this.#reader.bytes(Number(size) + 2, deadline);
      const end = await this.#line(deadline);
      if (end !== 'END') this.#unexpected('get', end);
      return block.subarray(0, -2).toString('utf8');
    });
  }

  /** Sends at once, so that commands share a round trip; reads when its turn comes. */
  #command<T>(text: string | Buffer, read: (deadline: Deadline) => Promise<T>): Promise<T> {
    const turn = this.#lastAnswer;
    const deadline = performance.now() + this.#timeoutMs;
    if (this.#failure === undefined && this.#stream.writable) this.#stream.write(text);
    const answer = turn.then(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      this.#reader.beginAnswer();
      return read(deadline);
    });
    this.#lastAnswer = answer.catch(() => undefined);
    return answer.catch((error: unknown) => {
      const answered = error instanceof MemcachedError && error.reason === 'authentication';
      throw answered ? error : this.#failed(error);
    });
  }

  /** One line, unless it is one of the answers that any command may get. */
  async #line(deadline: Deadline): Promise<string> {
    const line = await this.#reader.line(deadline);
    if (line.startsWith('CLIENT_ERROR unauthenticated')) {
      throw new MemcachedError('authentication', `${this.#who()} wants a user and a password`);
    }
    if (line.startsWith('ERROR Too many open connections')) {
      throw new MemcachedError('busy', `${this.#who()} has no free connection left (${line})`);
    }
    return line;
  }

  #unexpected(command: string, line: string): never {
    throw new MemcachedError(
      'protocol',
      `${this.#who()} answered "${command}" with something else: ${printable(line)}`,
    );
  }

  /** Ends the connection, and names the server where the reader's error could not. */
  #failed(error: unknown): unknown {
    if (!(error instanceof MemcachedError)) return error;
    if (this.#failure === undefined) {
      const named = error.message.startsWith(this.#who())
        ? error
        : new MemcachedError(error.reason, `${this.#who()} gave no answer: ${error.message}`, {
            cause: error.cause ?? error,
          });
      this.#failure = named;
      this.#stream.destroy();
    }
    return this.#failure;
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  #who(): string {
    return this.#options.name === undefined ? 'memcached' : `memcached of ${this.#options.name}`;
  }
}

/** An answer as a message may quote it: short, and without control characters. */
function printable(text: string): string {
  return text.slice(0, 200).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
