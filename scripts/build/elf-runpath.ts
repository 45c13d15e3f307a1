import { assertElf64 } from './elf-sections.ts';

/**
 * Lets a Linux executable find libraries beside itself: sets DT_RUNPATH to "$ORIGIN" (ld.so(8)) in place.
 *
 * Node's official builds need libatomic.so.1, which minimal systems lack, so it ships beside the executable.
 * The text goes into the zeros that fill the last page of the segment with the string table, and the entry
 * replaces DT_FLAGS, whose only flag DF_BIND_NOW is said again by DT_FLAGS_1 (DF_1_NOW). Nothing moves.
 *
 * Layout: ELF-64 (System V gABI, chapters 4 and 5; elf(5)).
 */
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NULL = 0n;
const DT_STRTAB = 5n;
const DT_STRSZ = 10n;
const DT_RUNPATH = 29n;
const DT_FLAGS = 30n;
const DT_FLAGS_1 = 0x6ffffffbn;
const DF_BIND_NOW = 8n;
const DF_1_NOW = 1n;
const PAGE = 4096n;

interface Segment {
  type: number;
  /** Of its program header in the file. */
  header: number;
  offset: bigint;
  address: bigint;
  size: bigint;
}

interface DynamicEntry {
  tag: bigint;
  value: bigint;
  /** In the file. */
  offset: number;
}

/** @throws Error where `elf` is not laid out as described, or has a run path already. */
export function setRunpathToOrigin(elf: Buffer): void {
  assertElf64(elf);
  const segments = readSegments(elf);
  const dynamic = readDynamic(
    elf,
    one(segments, ({ type }) => type === PT_DYNAMIC, 'dynamic segment'),
  );
  if (dynamic.some(({ tag }) => tag === DT_RUNPATH)) throw new Error('it has a run path already');
  const strings = one(dynamic, ({ tag }) => tag === DT_STRTAB, 'string table');
  const stringsSize = one(dynamic, ({ tag }) => tag === DT_STRSZ, 'string table size');
  const flags = one(
    dynamic,
    ({ tag, value }) => tag === DT_FLAGS && value === DF_BIND_NOW,
    'DT_FLAGS of BIND_NOW alone',
  );
  one(dynamic, ({ tag, value }) => tag === DT_FLAGS_1 && (value & DF_1_NOW) !== 0n, 'DT_FLAGS_1 with NOW');

  const text = Buffer.from('$ORIGIN\0');
  const segment = one(
    segments,
    ({ type, address, size }) =>
      type === PT_LOAD && strings.value >= address && strings.value < address + size,
    'segment with the string table',
  );
  const end = segment.offset + segment.size;
  const room = elf.subarray(Number(end), Number(((end + PAGE - 1n) / PAGE) * PAGE));
  if (room.length < text.length || room.some((byte) => byte !== 0))
    throw new Error('no room behind the string table');
  const textAddress = segment.address + segment.size;

  text.copy(room);
  const size = segment.size + BigInt(text.length);
  elf.writeBigUInt64LE(size, segment.header + 32);
  elf.writeBigUInt64LE(size, segment.header + 40);
  elf.writeBigUInt64LE(textAddress + BigInt(text.length) - strings.value, stringsSize.offset + 8);
  elf.writeBigUInt64LE(DT_RUNPATH, flags.offset);
  elf.writeBigUInt64LE(textAddress - strings.value, flags.offset + 8);
}

function readSegments(elf: Buffer): Segment[] {
  const start = Number(elf.readBigUInt64LE(32));
  const entrySize = elf.readUInt16LE(54);
  return Array.from({ length: elf.readUInt16LE(56) }, (_, index) => {
    const header = start + index * entrySize;
    return {
      header,
      type: elf.readUInt32LE(header),
      offset: elf.readBigUInt64LE(header + 8),
      address: elf.readBigUInt64LE(header + 16),
      size: elf.readBigUInt64LE(header + 32),
    };
  });
}

function readDynamic(elf: Buffer, segment: Segment): DynamicEntry[] {
  const entries: DynamicEntry[] = [];
  const end = Number(segment.offset + segment.size);
  for (let offset = Number(segment.offset); offset < end; offset += 16) {
    const tag = elf.readBigUInt64LE(offset);
    if (tag === DT_NULL) break;
    entries.push({ tag, value: elf.readBigUInt64LE(offset + 8), offset });
  }
  return entries;
}

function one<T>(items: readonly T[], is: (item: T) => boolean, what: string): T {
  const found = items.filter(is);
  if (found[0] === undefined || found.length > 1)
    throw new Error(`expected one ${what}, found ${found.length}`);
  return found[0];
}
