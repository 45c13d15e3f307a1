import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Its path in the archive, with slashes. */
  name: string;
  content: Buffer;
  isExecutable: boolean;
}

/**
 * A ZIP archive: the same entries give the same bytes, by name, of no date. Smaller than 4 GiB.
 *
 * Layout: APPNOTE.TXT of PKWARE, 4.3; modes as Info-ZIP keeps them.
 */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, isExecutable } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const packed = deflateRawSync(content);
    const path = Buffer.from(name);
    const common = commonFields(content, packed, path);
    const local = Buffer.concat([words32(LOCAL_FILE), common, words16(0), path, packed]);
    parts.push(local);
    const mode = (0o100000 | (isExecutable ? 0o755 : 0o644)) * 0x10000;
    directory.push(
      words32(CENTRAL_FILE),
      words16(MADE_ON_UNIX),
      common,
      // No extra field, no comment, on the first disk, of unknown content.
      words16(0, 0, 0, 0),
      words32(mode, offset),
      path,
    );
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const count = entries.length;
  const end = [
    words32(END_OF_DIRECTORY),
    words16(0, 0, count, count),
    words32(central.length, offset),
    words16(0),
  ];
  return Buffer.concat([...parts, central, ...end]);
}

const LOCAL_FILE = 0x04034b50;
const CENTRAL_FILE = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const VERSION_NEEDED = 20;
const MADE_ON_UNIX = (3 << 8) | VERSION_NEEDED;
const DEFLATED = 8;
const UTF8_NAMES = 1 << 11;
/** 1980-01-01 00:00:00, the first that DOS knows: time, date. */
const NO_DATE = [0, (1 << 5) | 1] as const;

/** What both headers of a file say alike. */
function commonFields(content: Buffer, packed: Buffer, path: Buffer): Buffer {
  return Buffer.concat([
    words16(VERSION_NEEDED, UTF8_NAMES, DEFLATED, ...NO_DATE),
    words32(crc32(content), packed.length, content.length),
    words16(path.length),
  ]);
}

function words16(...values: number[]): Buffer {
  const buffer = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => {
    buffer.writeUInt16LE(value, 2 * index);
  });
  return buffer;
}

function words32(...values: number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    buffer.writeUInt32LE(value, 4 * index);
  });
  return buffer;
}
