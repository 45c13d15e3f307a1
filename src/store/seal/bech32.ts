const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** A text in Bech32 that was taken apart: `prefix` in lower case. */
export interface Bech32 {
  prefix: string;
  bytes: Buffer;
}

/**
 * Takes a Bech32 text apart (BIP 173, without its limit of 90 characters, as age does). Its checksum finds up to four wrong
 * characters for certain.
 * @returns what is wrong with it, as a clause, where it is none. Quotes nothing of it.
 */
export function decodeBech32(text: string): Bech32 | { wrong: string } {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return { wrong: 'it mixes upper and lower case' };
  const split = lower.lastIndexOf('1');
  if (split < 1 || split + 7 > lower.length) return { wrong: 'it is too short' };
  const prefix = lower.slice(0, split);
  const values = [...lower.slice(split + 1)].map((letter) => CHARSET.indexOf(letter));
  if (values.includes(-1) || !/^[\x21-\x7e]+$/.test(prefix)) {
    return { wrong: 'it holds a character that none of its kind has' };
  }
  const letters = [...prefix].map((letter) => letter.charCodeAt(0));
  const expanded = [...letters.map((code) => code >> 5), 0, ...letters.map((code) => code & 31)];
  if (polymod([...expanded, ...values]) !== 1) {
    return { wrong: 'its checksum does not fit: a character is wrong or missing' };
  }
  const bytes = toBytes(values.slice(0, -6));
  return bytes === undefined ? { wrong: 'its length fits no key' } : { prefix, bytes };
}

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of GENERATOR.entries()) if ((top >>> bit) & 1) sum ^= generator;
  }
  return sum;
}

/** From groups of five bits to bytes; undefined where what is left over is not padding. */
function toBytes(values: readonly number[]): Buffer | undefined {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of values) {
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >>> bits) & 0xff);
  }
  const isPadding = bits < 5 && (held & ((1 << bits) - 1)) === 0;
  return isPadding ? Buffer.from(bytes) : undefined;
}
