import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../release/archives.ts';
import type { Scripts } from './bundle.ts';
import { crossBuildExecutable } from './executable.ts';
import { helpAssets } from './finished-help.ts';
import { libatomicOf } from './libatomic.ts';
import { runtimeOf, type Target } from './node-runtime.ts';
import { workFolder } from './paths.ts';
import { whenChanged } from './when-changed.ts';

/** What the outcome hangs on besides the program. */
const BUILDERS = [
  'executable.ts',
  'executable-formats.ts',
  'elf-runpath.ts',
  'elf-debug.ts',
  'elf-lock-order.ts',
  'elf-sections.ts',
  'macho-signature.ts',
  'pe-signature.ts',
];

/** The executable of a platform that is not this machine's, built where its inputs changed. @returns its path. */
export async function crossBuilt(
  platform: Platform,
  { start, scripts }: { start: string; scripts: Scripts },
): Promise<string> {
  const target = targetOf(platform);
  const node = await runtimeOf(target);
  const output = join(workFolder, 'executables', target);
  const builders = BUILDERS.map((file) => readFileSync(join(import.meta.dirname, file)));
  const inputs = [process.version, start, ...builders, ...[...helpAssets()].flat(), ...[...scripts].flat()];
  await whenChanged({ name: `executable-${target}`, inputs, outputs: [output] }, () =>
    crossBuildExecutable({ start, scripts, node }, output),
  );
  return output;
}

/** What archive-layout.ts has an archive hold of what is built, for a platform that is not this machine's, in its order. @returns paths. */
export async function crossBuiltFiles(
  platform: Platform,
  bundle: { start: string; scripts: Scripts },
): Promise<string[]> {
  const program = await crossBuilt(platform, bundle);
  return platform.os === 'linux' ? [program, await libatomicOf(platform.arch)] : [program];
}

/** Go's names of a platform in Node's. */
function targetOf({ os, arch }: Platform): Target {
  const system = os === 'windows' ? 'win32' : os;
  return `${system}-${arch === 'amd64' ? 'x64' : 'arm64'}` as Target;
}
