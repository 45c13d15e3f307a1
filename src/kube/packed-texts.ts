import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { BufferArena } from './buffer-arena.ts';

/** Bytes that are compressed as one: the objects of a kind repeat each other, a single one repeats little. */
const BLOCK_SIZE = 32 * 1024;
/**
 * Of what comes out, this much at once: Node would take 16 KiB for each block, and V8 lets them lie until it collects old objects.
 */
const COMPRESSION = { level: 1, chunkSize: 4 * 1024 };
/** zlib takes no less; and what has as much room as it needs and no more is asked for more. */
const LEAST_CHUNK = 64;
/** Releases are read in the order of the lists, each kind's next object mostly from the block of the one before. */
const UNPACKED_BLOCKS = 16;

const arena = new BufferArena();
/** Blocks of which something was asked last, as they were, in the order in which they were asked. */
const unpacked = new Map<Block, Buffer>();

/** Some texts, one after the other. */
class Block {
  #bytes: Buffer;
  /** How many bytes it has where it is compressed. */
  #size: number | undefined;

  /** @param bytes of which others may be added later. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  compress(size: number): void {
    this.#size = size;
    this.#bytes = arena.keep([deflateRawSync(this.#bytes.subarray(0, size), COMPRESSION)]);
  }

  get bytes(): Buffer {
    if (this.#size === undefined) return this.#bytes;
    const bytes = unpacked.get(this) ?? inflateRawSync(this.#bytes, { chunkSize: this.#size + LEAST_CHUNK });
    // A Map keeps the order in which its entries were set.
    unpacked.delete(this);
    unpacked.set(this, bytes);
    for (const oldest of unpacked.keys()) {
      if (unpacked.size <= UNPACKED_BLOCKS) break;
      unpacked.delete(oldest);
    }
    return bytes;
  }
}

/** One of the texts. */
export class PackedText {
  readonly #block: Block;
  readonly #start: number;
  readonly #length: number;

  constructor(block: Block, start: number, length: number) {
    this.#block = block;
    this.#start = start;
    this.#length = length;
  }

  get bytes(): Buffer {
    return this.#block.bytes.subarray(this.#start, this.#start + this.#length);
  }
}

/** Keeps the texts of a list's objects in a fraction of their size: what hundreds of releases consist of takes a few MiB. */
export class PackedTexts {
  /** Of the block that is not full yet; the next one begins in the same memory. */
  #buffer = Buffer.alloc(0);
  #used = 0;
  #block = new Block(this.#buffer);

  /** Keeps a copy of the text. */
  add(text: Uint8Array): PackedText {
    if (text.length > this.#buffer.length - this.#used) this.#next(text.length);
    const start = this.#used;
    this.#buffer.set(text, start);
    this.#used += text.length;
    return new PackedText(this.#block, start, text.length);
  }

  #next(length: number): void {
    if (this.#used > 0) this.#block.compress(this.#used);
    // Memory of which nothing was written yet takes nothing from the machine.
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(Math.max(BLOCK_SIZE, length));
    this.#used = 0;
    this.#block = new Block(this.#buffer);
  }
}
