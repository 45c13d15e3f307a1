import { emptyDebugSections } from './elf-debug.ts';
import { ignoreLockOrder } from './elf-lock-order.ts';
import { setRunpathToOrigin } from './elf-runpath.ts';
import { signAdHoc } from './macho-signature.ts';
import { withoutSignature } from './pe-signature.ts';

type Format = 'elf' | 'mach-o' | 'pe';

/** @throws Error where it is no program of Linux, macOS or Windows. */
function formatOf(program: Buffer): Format {
  if (program.readUInt32BE(0) === 0x7f454c46) return 'elf';
  if (program.readUInt32LE(0) === 0xfeedfacf) return 'mach-o';
  if (program.readUInt16BE(0) === 0x4d5a) return 'pe';
  throw new Error('neither an ELF, a Mach-O nor a Windows program');
}

/** What --build-sea is given of Node's executable. */
export function readyForSea(node: Buffer): Buffer {
  return formatOf(node) === 'pe' ? withoutSignature(node) : node;
}

/** What is shipped of what --build-sea made. */
export function finished(program: Buffer): Buffer {
  switch (formatOf(program)) {
    case 'elf':
      setRunpathToOrigin(program);
      ignoreLockOrder(program);
      emptyDebugSections(program);
      return program;
    case 'mach-o':
      return signAdHoc(program, 'kubectl-memcached_backup');
    case 'pe':
      return program;
  }
}
