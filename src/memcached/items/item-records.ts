import type { CachedItem } from './cached-item.ts';

/**
 * Items as a piece of a snapshot holds them, one after another (docs/format.md, "Snapshots of caches"): the key's length (1 byte), its flags (4),
 * when it ends (8: seconds since the epoch, 0: never), the value's length (4), key and value; numbers with the highest byte first.
 */
const HEAD = 17;
const MAX_KEY = 250;

/** How long an item is in a piece, bytes. */
export function recordSize({ key, value }: Pick<CachedItem, 'key' | 'value'>): number {
  return HEAD + key.length + value.length;
}

/** @param clock of the server that they are from, seconds since the epoch. */
export function encodeItems(items: readonly CachedItem[], clock: number): Buffer {
  const piece = Buffer.allocUnsafe(items.reduce((sum, item) => sum + recordSize(item), 0));
  let at = 0;
  for (const { key, value, flags, ttl } of items) {
    at = piece.writeUInt8(key.length, at);
    at = piece.writeUInt32BE(flags, at);
    at = piece.writeBigUInt64BE(ttl === -1 ? 0n : BigInt(clock + ttl), at);
    at = piece.writeUInt32BE(value.length, at);
    at += piece.write(key, at, 'latin1');
    at += value.copy(piece, at);
  }
  return piece;
}

/** A piece is not as encodeItems makes one. */
export class BrokenPiece extends Error {}

/**
 * The items of a piece that live on, and how many have ended. Untrusted: lengths that lead out of it are refused, not followed.
 * @param clock of the server that they are for. @throws BrokenPiece
 */
export function* decodeItems(piece: Buffer, clock: number): Generator<CachedItem | 'ended'> {
  let at = 0;
  while (at < piece.length) {
    if (piece.length - at < HEAD) throw new BrokenPiece('it ends within an item');
    const keySize = piece.readUInt8(at);
    const flags = piece.readUInt32BE(at + 1);
    const ends = Number(piece.readBigUInt64BE(at + 5));
    const size = piece.readUInt32BE(at + 13);
    const [keyAt, valueAt] = [at + HEAD, at + HEAD + keySize];
    const next = valueAt + size;
    if (keySize === 0 || keySize > MAX_KEY) throw new BrokenPiece(`a key of ${keySize} bytes is none`);
    if (next > piece.length) throw new BrokenPiece('it ends within an item');
    if (ends !== 0 && ends <= clock) yield 'ended';
    else {
      yield {
        key: piece.toString('latin1', keyAt, valueAt),
        value: piece.subarray(valueAt, next),
        flags,
        ttl: ends === 0 ? -1 : ends - clock,
      };
    }
    at = next;
  }
}
