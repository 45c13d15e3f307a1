import { Duplex } from 'node:stream';
import { type MemcachedClient, openMemcached } from '../../src/memcached/memcached-client.ts';

/** An item of {@link FakeMemcached}. */
export interface FakeItem {
  value: Buffer;
  flags: number;
  /** Seconds; -1 for ever. */
  ttl: number;
  /** Seconds since it was used. */
  unused?: number;
  isStale?: boolean;
}

/** How a fake memcached differs from a well one. */
export interface FakeOptions {
  /** Bytes a packet of its answers; undefined: as they come. */
  packets?: number;
  /** Its answer to a command instead of the ordinary one; undefined for the ordinary one. */
  instead?(command: string): string | undefined;
  /** Values of `stats` beside the ordinary ones. */
  stats?: Record<string, string>;
  /** Its clock, seconds since the epoch. */
  clock?: number;
}

/** The commands of memcached 1.6.18 that copies of items use, over streams in memory; what it answers was compared with the real one. */
export class FakeMemcached {
  /** Keys as bytes, a character each. */
  readonly items = new Map<string, FakeItem>();
  /** Commands that it met, without values. */
  readonly commands: string[] = [];
  readonly clock: number;
  readonly #options: FakeOptions;
  readonly #streams: Duplex[] = [];

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.clock = options.clock ?? 1_700_000_000;
  }

  put(key: string, value: string | Buffer, item: Partial<FakeItem> = {}): this {
    this.items.set(key, { value: Buffer.from(value), flags: 0, ttl: -1, ...item });
    return this;
  }

  /** A client of it, on a connection of its own. */
  open(timeoutMs = 30_000): MemcachedClient {
    return openMemcached(this.stream(), { timeoutMs, name: 'pod/fake' });
  }

  /** Whether every connection to it is closed. */
  get isLeft(): boolean {
    return this.#streams.every((stream) => stream.destroyed);
  }

  stream(): Duplex {
    let received = '';
    const stream = new Duplex({
      allowHalfOpen: false,
      read() {},
      write: (chunk: Buffer, _encoding, done) => {
        received += chunk.toString('latin1');
        const answers: string[] = [];
        let at = 0;
        for (;;) {
          const took = this.#take(received, at);
          if (took === undefined) break;
          at += took.length;
          answers.push(took.answer);
        }
        received = received.slice(at);
        this.#send(stream, answers.join(''));
        done();
      },
    });
    this.#streams.push(stream);
    return stream;
  }

  #send(stream: Duplex, answer: string): void {
    const bytes = Buffer.from(answer, 'latin1');
    const step = this.#options.packets ?? bytes.length;
    for (let at = 0; at < bytes.length; at += step) {
      const packet = bytes.subarray(at, at + step);
      setImmediate(() => stream.destroyed || stream.push(packet));
    }
  }

  /** The first command of a text from a place on, its length and answer; undefined where it is not whole. */
  #take(text: string, at: number): { length: number; answer: string } | undefined {
    const end = text.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const line = text.slice(at, end);
    const other = this.#options.instead?.(line);
    const isPlain = !line.startsWith('ms ') || other === 'ERROR\r\n';
    if (isPlain) {
      this.commands.push(line);
      return { length: end + 2 - at, answer: other ?? this.#answer(line) };
    }
    const [start, size] = [end + 2, Number(line.split(' ')[2])];
    if (text.length < start + size + 2) return undefined;
    this.commands.push(line);
    const value = Buffer.from(text.slice(start, start + size), 'latin1');
    return { length: start + size + 2 - at, answer: other ?? this.#store(line, value) };
  }

  #answer(line: string): string {
    const [command, ...words] = line.split(' ');
    if (command === 'version') return 'VERSION 1.6.18\r\n';
    if (command === 'mn') return 'MN\r\n';
    if (command === 'stats') return this.#stats(words[0]);
    if (line === 'lru_crawler metadump hash') return this.#dump();
    if (command === 'mg') return this.#get(words);
    if (command === 'md') {
      this.items.delete(keyOf(words));
      return '';
    }
    return 'ERROR\r\n';
  }

  #stats(kind: string | undefined): string {
    const own = {
      curr_items: String(this.items.size),
      limit_maxbytes: '67108864',
      evictions: '0',
      time: String(this.clock),
      uptime: '100',
    };
    const of: Record<string, Record<string, string>> = {
      slabs: { total_malloced: '1048576' },
      settings: { growth_factor: '1.25', chunk_size: '48' },
    };
    const entries = kind === undefined ? { ...own, ...this.#options.stats } : of[kind];
    return `${Object.entries(entries ?? {})
      .map(([name, value]) => `STAT ${name} ${value}\r\n`)
      .join('')}END\r\n`;
  }

  #dump(): string {
    const encoded = (key: string): string =>
      key.replaceAll(
        /[^\w.~-]/g,
        (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
      );
    const lines = [...this.items].map(([key, { value, ttl, unused = 0 }]) => {
      const until = ttl === -1 ? -1 : this.clock + ttl;
      const size = 48 + 8 + key.length + 1 + value.length + 2;
      return `key=${encoded(key)} exp=${until} la=${this.clock - unused} cas=1 fetch=no cls=1 size=${size}\n`;
    });
    return `${lines.join('')}END\r\n`;
  }

  #get(words: string[]): string {
    const item = this.items.get(keyOf(words));
    if (item === undefined) return '';
    if (!words.includes('v')) {
      const [size, flagsOf, number] = [
        `s${item.value.length}`,
        `f${item.flags}`,
        words.find((word) => /^O\d/.test(word)),
      ];
      return `HD ${size} ${flagsOf} ${number}\r\n`;
    }
    const opaque = words.find((word) => /^O\d/.test(word));
    const { value, ttl, flags, isStale } = item;
    return `VA ${value.length} t${ttl} f${flags} ${opaque}${isStale ? ' W X' : ''}\r\n${value.toString('latin1')}\r\n`;
  }

  #store(line: string, value: Buffer): string {
    const [, ...words] = line.split(' ');
    const key = keyOf(words);
    const isQuiet = words.includes('q');
    if (this.items.has(key)) return 'NS\r\n';
    const number = (letter: string): number =>
      Number(words.find((word) => new RegExp(`^${letter}\\d+$`).test(word))?.slice(1) ?? 0);
    const time = number('T');
    const ttl = time === 0 ? -1 : time > 60 * 60 * 24 * 30 ? time - this.clock : time;
    this.items.set(key, { value, flags: number('F'), ttl });
    return isQuiet ? '' : 'HD\r\n';
  }
}

function keyOf(words: readonly string[]): string {
  const [key = ''] = words;
  return words.includes('b') ? Buffer.from(key, 'base64').toString('latin1') : key;
}
