/**
 * Empties what an ELF program has for debuggers alone: its symbol table and the sections of DWARF. A fifth of Node's executable is that. They are
 * filled with zeros, in place, which weigh nothing in an archive: `strip`, which moves what follows, breaks what --build-sea makes.
 *
 * Layout: ELF-64 (System V gABI, chapter 4; elf(5)).
 */
const SHT_NULL = 0;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2n;
const SECTION_HEADER_SIZE = 64;
const FOR_DEBUGGERS = /^\.(?:debug_.*|symtab|strtab)$/;

/** @returns how many bytes were emptied. @throws Error where it is no 64-bit little-endian ELF file. */
export function emptyDebugSections(elf: Buffer): number {
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1)
    throw new Error('not a 64-bit little-endian ELF file');
  const headers = Number(elf.readBigUInt64LE(40));
  const count = elf.readUInt16LE(60);
  const header = (index: number): number => headers + index * SECTION_HEADER_SIZE;
  const names = Number(elf.readBigUInt64LE(header(elf.readUInt16LE(62)) + 24));
  let emptied = 0;
  for (let index = 0; index < count; index++) {
    const at = header(index);
    const name = textAt(elf, names + elf.readUInt32LE(at));
    const isLoaded = (elf.readBigUInt64LE(at + 8) & SHF_ALLOC) !== 0n;
    if (isLoaded || !FOR_DEBUGGERS.test(name) || elf.readUInt32LE(at + 4) === SHT_NOBITS) continue;
    const offset = Number(elf.readBigUInt64LE(at + 24));
    const size = Number(elf.readBigUInt64LE(at + 32));
    elf.fill(0, offset, offset + size);
    // A header of no section, so that nobody takes the zeros for symbols.
    elf.fill(0, at, at + SECTION_HEADER_SIZE);
    elf.writeUInt32LE(SHT_NULL, at + 4);
    emptied += size;
  }
  return emptied;
}

function textAt(elf: Buffer, offset: number): string {
  return elf.toString('latin1', offset, elf.indexOf(0, offset));
}
