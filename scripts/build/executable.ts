import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Bundle } from './bundle.ts';
import { setRunpathToOrigin } from './elf-runpath.ts';
import { dist, executable, root, workFolder } from './paths.ts';

const run = promisify(execFile);

/** Builds dist/kubectl-memcached_backup, and puts the library it needs beside it. */
export async function buildExecutable(bundle: Bundle): Promise<void> {
  const folder = join(workFolder, 'bundle');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, code] of bundle) writeFileSync(join(folder, name), code, 'latin1');

  await run(process.execPath, [join(root, 'scripts/build/warm-up.ts'), folder]);
  const main = join(workFolder, 'sea-main.js');
  await build({
    entryPoints: [join(root, 'scripts/build/sea-main.ts')],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node26',
    minify: true,
    outfile: main,
    logLevel: 'warning',
  });

  const assets = [...bundle.keys()].flatMap((name) => [name, `${name}.cache`]);
  const output = join(workFolder, 'executable');
  const config = {
    main,
    output,
    disableExperimentalSEAWarning: true,
    useCodeCache: false,
    // NODE_OPTIONS is meant for the user's own scripts.
    execArgvExtension: 'none',
    assets: Object.fromEntries(assets.map((name) => [name, join(folder, name)])),
  };
  writeFileSync(join(workFolder, 'sea.json'), JSON.stringify(config));
  await run(process.execPath, ['--build-sea', join(workFolder, 'sea.json')]);

  const elf = readFileSync(output);
  setRunpathToOrigin(elf);
  writeFileSync(output, elf);
  chmodSync(output, 0o755);
  copyFileSync(await libatomic(), join(dist, 'libatomic.so.1'));
  // Under its final name at once: a plugin folder may be in use.
  renameSync(output, executable);
}

/** The library that the Node running this uses. */
async function libatomic(): Promise<string> {
  const { stdout } = await run('ldd', [process.execPath]);
  const path = /libatomic\.so\.1 => (\S+)/.exec(stdout)?.[1];
  if (path === undefined) throw new Error(`ldd does not say where ${process.execPath} finds libatomic.so.1`);
  return realpathSync(path);
}
