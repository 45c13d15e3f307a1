/**
 * Takes the signature off a Windows program. Node's is signed by its makers for what it was; with our program in it, it would be a broken signature,
 * which Windows treats worse than none.
 *
 * Layout: learn.microsoft.com/windows/win32/debug/pe-format
 */
const PE32_PLUS = 0x20b;
/** In the optional header of PE32+. */
const CHECKSUM = 64;
const DATA_DIRECTORIES = 112;
const CERTIFICATE_TABLE = DATA_DIRECTORIES + 4 * 8;

/**
 * @param program left as it is. @returns the program without its certificates, or one like it where it has none.
 * @throws Error where it is no 64-bit Windows program, or where something follows the certificates.
 */
export function withoutSignature(program: Buffer): Buffer {
  const optionalHeader = findOptionalHeader(program);
  // Unlike any other entry, this one is an offset in the file.
  const start = program.readUInt32LE(optionalHeader + CERTIFICATE_TABLE);
  const size = program.readUInt32LE(optionalHeader + CERTIFICATE_TABLE + 4);
  if (start === 0) return Buffer.from(program);
  if (start + size !== program.length) throw new Error('its signature is not the end of it');
  const bare = Buffer.from(program.subarray(0, start));
  bare.writeBigUInt64LE(0n, optionalHeader + CERTIFICATE_TABLE);
  bare.writeUInt32LE(peChecksum(bare, optionalHeader + CHECKSUM), optionalHeader + CHECKSUM);
  return bare;
}

function findOptionalHeader(program: Buffer): number {
  const header = program.readUInt16BE(0) === 0x4d5a ? program.readUInt32LE(0x3c) : 0;
  const isWindows = program.toString('latin1', header, header + 4) === 'PE\0\0';
  if (!isWindows || program.readUInt16LE(header + 24) !== PE32_PLUS)
    throw new Error('not a 64-bit Windows program');
  return header + 24;
}

/**
 * As ImageHlp's CheckSumMappedFile: the sum of all 16-bit words, carries added back in, plus the length; the checksum itself counts as 0.
 * @param at where the checksum is.
 */
export function peChecksum(program: Buffer, at: number): number {
  let sum = 0;
  for (let word = 0; word < program.length; word += 2) {
    if (word === at || word === at + 2) continue;
    sum += word + 1 < program.length ? program.readUInt16LE(word) : program[word]!;
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ((sum & 0xffff) + (sum >>> 16) + program.length) >>> 0;
}
