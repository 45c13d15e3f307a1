import { SECTION_HEADER_SIZE, sectionsOf } from './elf-sections.ts';

/**
 * Empties what an ELF program has for debuggers alone: its symbol table and the sections of DWARF. A fifth of Node's executable is that. They are
 * filled with zeros, in place, which weigh nothing in an archive: `strip`, which moves what follows, breaks what --build-sea makes.
 */
const SHT_NULL = 0;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2n;
const FOR_DEBUGGERS = /^\.(?:debug_.*|symtab|strtab)$/;

/** @returns how many bytes were emptied. @throws Error where it is no 64-bit little-endian ELF file. */
export function emptyDebugSections(elf: Buffer): number {
  let emptied = 0;
  for (const { name, type, flags, header, offset, size } of sectionsOf(elf)) {
    const isLoaded = (flags & SHF_ALLOC) !== 0n;
    if (isLoaded || !FOR_DEBUGGERS.test(name) || type === SHT_NOBITS) continue;
    elf.fill(0, offset, offset + size);
    // A header of no section, so that nobody takes the zeros for symbols.
    elf.fill(0, header, header + SECTION_HEADER_SIZE);
    elf.writeUInt32LE(SHT_NULL, header + 4);
    emptied += size;
  }
  return emptied;
}
