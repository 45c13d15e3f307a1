/** The sections of a 64-bit little-endian ELF file. Layout: System V gABI, chapter 4; elf(5). */
export interface ElfSection {
  name: string;
  type: number;
  flags: bigint;
  /** Of its header in the file. */
  header: number;
  /** Where it is in memory. */
  address: bigint;
  /** Of its content in the file. */
  offset: number;
  size: number;
}

export const SECTION_HEADER_SIZE = 64;

/** @throws Error where it is no 64-bit little-endian ELF file. */
export function assertElf64(elf: Buffer): void {
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1)
    throw new Error('not a 64-bit little-endian ELF file');
}

/** @throws Error where it is no 64-bit little-endian ELF file. */
export function sectionsOf(elf: Buffer): ElfSection[] {
  assertElf64(elf);
  const headers = Number(elf.readBigUInt64LE(40));
  const header = (index: number): number => headers + index * SECTION_HEADER_SIZE;
  const names = Number(elf.readBigUInt64LE(header(elf.readUInt16LE(62)) + 24));
  return Array.from({ length: elf.readUInt16LE(60) }, (_, index) => {
    const at = header(index);
    return {
      name: textAt(elf, names + elf.readUInt32LE(at)),
      type: elf.readUInt32LE(at + 4),
      flags: elf.readBigUInt64LE(at + 8),
      header: at,
      address: elf.readBigUInt64LE(at + 16),
      offset: Number(elf.readBigUInt64LE(at + 24)),
      size: Number(elf.readBigUInt64LE(at + 32)),
    };
  });
}

function textAt(elf: Buffer, offset: number): string {
  return elf.toString('latin1', offset, elf.indexOf(0, offset));
}
