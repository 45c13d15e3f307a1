import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Scripts } from './bundle.ts';
import { finished, readyForSea } from './executable-formats.ts';
import { helpAssets } from './finished-help.ts';
import { libatomicHere } from './libatomic.ts';
import { executable, library, root, workFolder } from './paths.ts';
import { SHARE_LINE } from './programs.ts';
import { SAME_SEEDS } from './without-chance.ts';

const run = promisify(execFile);

/** Builds the single executable, and puts the library it needs beside it. */
export async function buildExecutable(start: string, scripts: Scripts): Promise<void> {
  const folder = mkdtempSync(join(workFolder, 'executable-'));
  try {
    const output = await makeExecutable(folder, { start, scripts });
    copyFileSync(await libatomicHere(), join(folder, 'libatomic'));
    // Complete at once under their final names: the folder may be in use as a plugin.
    renameSync(join(folder, 'libatomic'), library);
    renameSync(output, executable);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The executable in an empty folder, with all that it is made of: the same bytes from the same scripts. @returns its path. */
export async function makeExecutable(
  folder: string,
  { start, scripts }: { start: string; scripts: Scripts },
): Promise<string> {
  writeScripts(folder, scripts);
  await warmUp(folder);
  const caches = readdirSync(folder)
    .filter((file) => file.endsWith('.cache'))
    .sort();
  const assets = [...scripts.keys(), ...caches];
  return buildSea(folder, { start, assets, node: process.execPath, useCodeCache: true });
}

/**
 * Builds the executable for another system or processor, which this machine can't run: it has no code caches, those are made by running it, and so it
 * starts more slowly. The library that it needs on Linux is not beside it.
 * @param node Node's executable for there, of the very version that runs this.
 */
export async function crossBuildExecutable(
  { start, scripts, node }: { start: string; scripts: Scripts; node: string },
  executable: string,
): Promise<void> {
  const folder = mkdtempSync(join(workFolder, 'executable-'));
  try {
    writeScripts(folder, scripts);
    const assets = [...scripts.keys()];
    const output = await buildSea(folder, { start, assets, node, useCodeCache: false });
    mkdirSync(dirname(executable), { recursive: true });
    renameSync(output, executable);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeScripts(folder: string, scripts: Scripts): void {
  for (const [name, code] of scripts) writeFileSync(join(folder, name), code, 'latin1');
}

/**
 * Writes the code caches of the scripts in `folder` beside them. In an environment of its own: whoever builds may have set what the tool, or Helm, looks
 * at; and whatever the checkout's path, paths in what is read and printed are of one length.
 */
async function warmUp(folder: string): Promise<void> {
  const { LD_LIBRARY_PATH } = process.env;
  const home = mkdtempSync(join(tmpdir(), 'warm-up-'));
  try {
    const { stdout } = await run(process.execPath, [join(root, 'scripts/build/warm-up.ts'), folder], {
      env: { HOME: home, TZ: 'UTC', ...(LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }) },
    });
    for (const line of stdout.split('\n').filter((line) => line.startsWith(SHARE_LINE))) console.log(line);
  } finally {
    // Processes that are being killed may still write there.
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface SeaParts {
  start: string;
  assets: string[];
  node: string;
  useCodeCache: boolean;
}

/**
 * nodejs.org/api/single-executable-applications.html
 * @param node what it is made of.
 * @param useCodeCache what runs first comes compiled; of this very Node only, another one would refuse it with a warning.
 * @returns the path of the executable, in the folder.
 */
async function buildSea(folder: string, { start, assets, node, useCodeCache }: SeaParts): Promise<string> {
  writeFileSync(join(folder, 'sea-main.cjs'), start);
  const help = [...helpAssets()].map(([name, content], at): [string, string] => {
    const file = `help-${at}`;
    writeFileSync(join(folder, file), content);
    return [name, file];
  });
  const config = {
    // Under relative names: that of `main` stands in the executable.
    main: 'sea-main.cjs',
    output: 'sea',
    executable: 'node',
    disableExperimentalSEAWarning: true,
    useCodeCache,
    // NODE_OPTIONS is meant for the user's own scripts.
    execArgvExtension: 'none',
    // Of the young objects of a long run V8 would let some 50 MiB lie (nodejs.org/api/cli.html, "Useful V8 options"). A short one ends
    // before it has made 4 MiB of them: nothing is collected. Of old ones it lets lie three times what lives where they may have
    // gigabytes, and half of it where they may have 768 MiB, more than twice what the largest input takes (docs/performance.md,
    // "Limits"). And no signal makes a process that holds Secrets listen for a debugger, for which Node would have a thread wait.
    execArgv: [
      '--max-semi-space-size=4',
      '--min-semi-space-size=4',
      '--max-old-space-size=768',
      '--disable-sigusr1',
    ],
    assets: Object.fromEntries([...help, ...assets.map((name) => [name, name])]),
  };
  writeFileSync(join(folder, 'node'), readyForSea(readFileSync(node)));
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(config));
  await run(process.execPath, [...SAME_SEEDS, '--build-sea', 'sea.json'], { cwd: folder });
  const program = finished(readFileSync(join(folder, 'sea')));
  // A new file, in one piece: the page cache holds that in larger pages than what --build-sea writes bit by bit,
  // which makes a start 3 ms shorter.
  const output = join(folder, 'executable');
  writeFileSync(output, program);
  chmodSync(output, 0o755);
  return output;
}
