import { Damage } from '../format/damage.ts';
import { sha256 } from '../format/digest.ts';

/**
 * The lines of a journal, each bound to all before it: its last field, "chain", is the sha256 of the chain of the
 * line before (nothing for the first), a line feed, and the line without that field. A line that was edited, left
 * out, moved or put in breaks it. Whoever makes the whole chain anew is not noticed: there is no key in it.
 */

/** `,"chain":"<64 hex digits>"}`, at the end of a line. */
const TAIL = /^,"chain":"([0-9a-f]{64})"\}$/;
const TAIL_BYTES = 76;

/** Where a journal ends: what the next line is chained to. */
export interface ChainEnd {
  /** Of the last whole line; "" where there is none. */
  chain: string;
  /** Bytes of the whole lines. */
  size: number;
}

export interface ReadChain {
  /** Each whole line without its chain, as JSON text. */
  lines: string[];
  end: ChainEnd;
}

/** A line for `entry`, with its line feed, and the end that it makes. @param entry a JSON object that is not empty. */
export function chainedLine(entry: object, after: ChainEnd): { bytes: Buffer; end: ChainEnd } {
  const content = JSON.stringify(entry);
  const chain = linkOf(after.chain, Buffer.from(content));
  const bytes = Buffer.from(`${content.slice(0, -1)},"chain":"${chain}"}\n`);
  return { bytes, end: { chain, size: after.size + bytes.length } };
}

/**
 * Reads the lines of a journal as far as they were written whole. A last line without its line feed was torn by a
 * crash, as was one that holds a NUL byte: a file system's way to show a block that a power cut kept from the disk.
 * @throws Damage naming the line where the chain is broken.
 */
export function readChain(bytes: Buffer): ReadChain {
  const lines: string[] = [];
  let end: ChainEnd = { chain: '', size: 0 };
  while (end.size < bytes.length) {
    const feed = bytes.indexOf(0x0a, end.size);
    if (feed < 0) break;
    const line = bytes.subarray(end.size, feed);
    const isLast = bytes.indexOf(0x0a, feed + 1) < 0;
    if (isLast && line.includes(0)) break;
    const [, chain] = TAIL.exec(line.subarray(-TAIL_BYTES).toString('latin1')) ?? [];
    const content = Buffer.concat([line.subarray(0, -TAIL_BYTES), Buffer.from('}')]);
    if (chain === undefined || chain !== linkOf(end.chain, content)) {
      throw new Damage(`line ${lines.length + 1} is not as it was written: its chain is broken`);
    }
    lines.push(content.toString());
    end = { chain, size: feed + 1 };
  }
  return { lines, end };
}

function linkOf(before: string, content: Uint8Array): string {
  return sha256(Buffer.concat([Buffer.from(`${before}\n`), content]));
}
