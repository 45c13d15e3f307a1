import { type ElfSection, sectionsOf } from './elf-sections.ts';

/**
 * Has V8's locks no longer looked at for an order in which they might lock each other out. That is a check of Abseil's for debug builds, with which
 * Node's official executables are built all the same: each start fills 1 MiB with the graph that it keeps, and a lock that is found in a cycle ends the
 * process. What `absl::SetMutexDeadlockDetectionMode(OnDeadlockCycle::kIgnore)` sets while a program runs (absl/synchronization/mutex.h)
 * is set in the file.
 *
 * Only the word that is known is changed: found by its name in the symbol table, of its size, with its value.
 */
const VARIABLE = 'absl12_GLOBAL__N_124synch_deadlock_detectionE';
/** Of `OnDeadlockCycle`. */
const IGNORE = 0;
const ABORT = 2;
/** An `std::atomic` of an enumeration. */
const SIZE = 4;
const SYMBOL_SIZE = 24;

/** To be called before symbols are emptied. @returns whether it was found, and so changed. @throws Error where it is no 64-bit little-endian ELF file. */
export function ignoreLockOrder(elf: Buffer): boolean {
  const sections = sectionsOf(elf);
  const found = symbolsOf(elf, sections, VARIABLE);
  const [symbol] = found;
  if (symbol === undefined || found.length > 1 || symbol.size !== SIZE) return false;
  const data = sections.find(({ name }) => name === '.data');
  if (data === undefined || symbol.address < data.address) return false;
  const within = Number(symbol.address - data.address);
  if (within + SIZE > data.size || elf.readInt32LE(data.offset + within) !== ABORT) return false;
  elf.writeInt32LE(IGNORE, data.offset + within);
  return true;
}

interface ElfSymbol {
  address: bigint;
  size: number;
}

/** Those whose names hold `text`. */
function symbolsOf(elf: Buffer, sections: readonly ElfSection[], text: string): ElfSymbol[] {
  const table = sections.find(({ name }) => name === '.symtab');
  const strings = sections.find(({ name }) => name === '.strtab');
  if (table === undefined || strings === undefined) return [];
  const names = elf.subarray(strings.offset, strings.offset + strings.size);
  const wanted = new Set<number>();
  for (let at = names.indexOf(text, 0, 'latin1'); at >= 0; at = names.indexOf(text, at + 1, 'latin1'))
    wanted.add(names.lastIndexOf(0, at) + 1);
  const symbols: ElfSymbol[] = [];
  for (let at = table.offset; at + SYMBOL_SIZE <= table.offset + table.size; at += SYMBOL_SIZE)
    if (wanted.has(elf.readUInt32LE(at)))
      symbols.push({ address: elf.readBigUInt64LE(at + 8), size: Number(elf.readBigUInt64LE(at + 16)) });
  return symbols;
}
