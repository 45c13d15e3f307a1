import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Scripts } from './bundle.ts';
import { setRunpathToOrigin } from './elf-runpath.ts';
import { executable, library, root, workFolder } from './paths.ts';

const run = promisify(execFile);

/** Builds the single executable, and puts the library it needs beside it. */
export async function buildExecutable(start: string, scripts: Scripts): Promise<void> {
  const folder = mkdtempSync(join(workFolder, 'executable-'));
  try {
    for (const [name, code] of scripts) writeFileSync(join(folder, name), code, 'latin1');
    await run(process.execPath, [join(root, 'scripts/build/warm-up.ts'), folder]);
    const output = await buildSea(folder, start, [...scripts.keys()]);
    const elf = readFileSync(output);
    setRunpathToOrigin(elf);
    writeFileSync(output, elf);
    chmodSync(output, 0o755);
    copyFileSync(await libatomic(), join(folder, 'libatomic'));
    // Complete at once under their final names: the folder may be in use as a plugin.
    renameSync(join(folder, 'libatomic'), library);
    renameSync(output, executable);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** nodejs.org/api/single-executable-applications.html */
async function buildSea(folder: string, start: string, scripts: string[]): Promise<string> {
  const main = join(folder, 'sea-main.cjs');
  const output = join(folder, 'executable');
  writeFileSync(main, start);
  const assets = scripts.flatMap((name) => [name, `${name}.cache`]);
  const config = {
    main,
    output,
    disableExperimentalSEAWarning: true,
    useCodeCache: false,
    // NODE_OPTIONS is meant for the user's own scripts.
    execArgvExtension: 'none',
    assets: Object.fromEntries(assets.map((name) => [name, join(folder, name)])),
  };
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(config));
  await run(process.execPath, ['--build-sea', join(folder, 'sea.json')]);
  return output;
}

/** The library that the Node running this uses. */
async function libatomic(): Promise<string> {
  const { stdout } = await run('ldd', [process.execPath]);
  const path = /libatomic\.so\.1 => (\S+)/.exec(stdout)?.[1];
  if (path === undefined) throw new Error(`ldd does not say where ${process.execPath} finds libatomic.so.1`);
  return realpathSync(path);
}
