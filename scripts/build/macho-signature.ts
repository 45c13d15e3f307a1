import { createHash } from 'node:crypto';

/**
 * Ad-hoc code signatures of macOS programs: without one, a processor of Apple's runs nothing. --build-sea takes away the one that Node's executable has.
 *
 * Layout of the file: mach-o/loader.h; of the signature: kern/cs_blobs.h, both in Apple's open sources. Numbers of the file are little-endian, those of
 * the signature big-endian.
 */
const MAGIC_64 = 0xfeedfacf;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const HEADER_SIZE = 32;
const SIGNATURE_COMMAND_SIZE = 16;
/** Memory of a segment is counted in these, on both processors of Apple's. */
const SEGMENT_PAGE = 16384n;

const CSMAGIC_EMBEDDED_SIGNATURE = 0xfade0cc0;
const CSMAGIC_CODEDIRECTORY = 0xfade0c02;
const CSMAGIC_REQUIREMENTS = 0xfade0c01;
const CSSLOT_CODEDIRECTORY = 0;
const CSSLOT_REQUIREMENTS = 2;
/** The version of a code directory that says where the program's own text is. */
const SUPPORTS_EXEC_SEGMENT = 0x20400;
const CS_ADHOC = 0x2;
const CS_HASHTYPE_SHA256 = 2;
const CS_EXECSEG_MAIN_BINARY = 1n;
/** A hash is of this much of the file. */
export const HASHED_PAGE = 4096;
const HASH_SIZE = 32;
const CODE_DIRECTORY_SIZE = 88;
/** Slots before the hashes of pages: of the requirements, and of an Info.plist, which is not there. */
const SPECIAL_SLOTS = 2;

interface Segment {
  name: string;
  /** Of its command in the file. */
  command: number;
  /** Of its content in the file. */
  offset: bigint;
  size: bigint;
}

/**
 * @param program a thin 64-bit Mach-O without a signature, whose last segment is __LINKEDIT: left as it is.
 * @param identifier what the program calls itself to macOS.
 * @returns the program with the signature at its end.
 * @throws Error where it is something else, or has no room for one more load command.
 */
export function signAdHoc(program: Buffer, identifier: string): Buffer {
  if (program.readUInt32LE(0) !== MAGIC_64) throw new Error('not a thin 64-bit Mach-O program');
  const { segments, firstSection, end } = readCommands(program);
  if (end + SIGNATURE_COMMAND_SIZE > firstSection)
    throw new Error('no room for the load command of a signature');
  const text = segment(segments, '__TEXT');
  const links = segment(segments, '__LINKEDIT');

  const codeLimit = align(program.length, 16);
  const requirements = blob(CSMAGIC_REQUIREMENTS, Buffer.alloc(4));
  const directorySize =
    CODE_DIRECTORY_SIZE +
    identifier.length +
    1 +
    HASH_SIZE * (SPECIAL_SLOTS + Math.ceil(codeLimit / HASHED_PAGE));
  const signatureSize = align(28 + directorySize + requirements.length, 16);

  const signed = Buffer.alloc(codeLimit + signatureSize);
  program.copy(signed);
  addSignatureCommand(signed, { at: end, codeLimit, signatureSize });
  extendTo(signed, links, BigInt(signed.length) - links.offset);
  // Now that nothing of the code changes any more, it is hashed.
  const code = signed.subarray(0, codeLimit);
  const directory = codeDirectory(code, identifier, text, requirements);
  embeddedSignature(directory, requirements).copy(signed, codeLimit);
  return signed;
}

function readCommands(program: Buffer): { segments: Segment[]; firstSection: number; end: number } {
  const segments: Segment[] = [];
  let firstSection = program.length;
  let at = HEADER_SIZE;
  for (let left = program.readUInt32LE(16); left > 0; left--) {
    const kind = program.readUInt32LE(at);
    if (kind === LC_CODE_SIGNATURE) throw new Error('it has a signature already');
    if (kind === LC_SEGMENT_64) {
      segments.push({
        name: program.toString('latin1', at + 8, at + 24).replace(/\0+$/, ''),
        command: at,
        offset: program.readBigUInt64LE(at + 40),
        size: program.readBigUInt64LE(at + 48),
      });
      for (let section = 0; section < program.readUInt32LE(at + 64); section++) {
        const offset = program.readUInt32LE(at + 72 + 80 * section + 48);
        if (offset > 0) firstSection = Math.min(firstSection, offset);
      }
    }
    at += program.readUInt32LE(at + 4);
  }
  return { segments, firstSection, end: at };
}

function segment(segments: readonly Segment[], wanted: string): Segment {
  const found = segments.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`it has no segment ${wanted}`);
  return found;
}

function addSignatureCommand(
  signed: Buffer,
  { at, codeLimit, signatureSize }: { at: number; codeLimit: number; signatureSize: number },
): void {
  signed.writeUInt32LE(signed.readUInt32LE(16) + 1, 16);
  signed.writeUInt32LE(signed.readUInt32LE(20) + SIGNATURE_COMMAND_SIZE, 20);
  [LC_CODE_SIGNATURE, SIGNATURE_COMMAND_SIZE, codeLimit, signatureSize].forEach((word, index) => {
    signed.writeUInt32LE(word, at + 4 * index);
  });
}

/** Has the last segment reach to the end of the file, signature and all. */
function extendTo(signed: Buffer, { command }: Segment, size: bigint): void {
  signed.writeBigUInt64LE(((size + SEGMENT_PAGE - 1n) / SEGMENT_PAGE) * SEGMENT_PAGE, command + 32);
  signed.writeBigUInt64LE(size, command + 48);
}

/** What the kernel holds each page of the program to. */
function codeDirectory(code: Buffer, identifier: string, text: Segment, requirements: Buffer): Buffer {
  const pages = Array.from({ length: Math.ceil(code.length / HASHED_PAGE) }, (_, page) =>
    sha256(code.subarray(page * HASHED_PAGE, (page + 1) * HASHED_PAGE)),
  );
  const name = Buffer.from(`${identifier}\0`, 'latin1');
  const hashes = CODE_DIRECTORY_SIZE + name.length + HASH_SIZE * SPECIAL_SLOTS;
  const fixed = Buffer.alloc(CODE_DIRECTORY_SIZE - 8);
  const words = [
    SUPPORTS_EXEC_SEGMENT,
    CS_ADHOC,
    hashes,
    CODE_DIRECTORY_SIZE,
    SPECIAL_SLOTS,
    pages.length,
    code.length,
  ];
  words.forEach((word, index) => {
    fixed.writeUInt32BE(word, 4 * index);
  });
  fixed[28] = HASH_SIZE;
  fixed[29] = CS_HASHTYPE_SHA256;
  fixed[31] = Math.log2(HASHED_PAGE);
  fixed.writeBigUInt64BE(text.offset, 56);
  fixed.writeBigUInt64BE(text.size, 64);
  fixed.writeBigUInt64BE(CS_EXECSEG_MAIN_BINARY, 72);
  const noInfo = Buffer.alloc(HASH_SIZE);
  return blob(CSMAGIC_CODEDIRECTORY, Buffer.concat([fixed, name, sha256(requirements), noInfo, ...pages]));
}

/** Both parts, with an index of where they are. */
function embeddedSignature(directory: Buffer, requirements: Buffer): Buffer {
  const first = 28;
  const index = Buffer.alloc(20);
  const words = [2, CSSLOT_CODEDIRECTORY, first, CSSLOT_REQUIREMENTS, first + directory.length];
  words.forEach((word, at) => {
    index.writeUInt32BE(word, 4 * at);
  });
  return blob(CSMAGIC_EMBEDDED_SIGNATURE, Buffer.concat([index, directory, requirements]));
}

/** Magic number and length come first, the length with them. */
function blob(magic: number, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(magic, 0);
  head.writeUInt32BE(head.length + content.length, 4);
  return Buffer.concat([head, content]);
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

function align(size: number, to: number): number {
  return Math.ceil(size / to) * to;
}
