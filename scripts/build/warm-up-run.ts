import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { answerTo } from '../../src/cli/completion/completion.ts';
import type { main } from '../../src/main.ts';
import { LIBRARIES } from './libraries.ts';
import { COMPLETION_PROGRAM, cacheAsset, scriptOf, WHOLE_PROGRAM } from './programs.ts';
import { ScriptLoader } from './script-loader.ts';
import { leaveNothingToChance, takeBackFlags } from './without-chance.ts';

/**
 * Runs a program of the bundle in FOLDER with each command line that its parent sends, and answers with the exit code. When the parent sends an
 * empty one, it writes the code cache of each script beside it: V8 caches the functions that were compiled by then. With --use it runs
 * with those caches, and answers in the end how much of the program's code was in there, as a share of 1. Lines of the program
 * "completion" are completed.
 *
 *   node warm-up-run.ts FOLDER PROGRAM [--use]
 */
const [folder = '', name = '', use] = process.argv.slice(2);
const setClock = leaveNothingToChance();
const cacheOf = (script: string): string => join(folder, cacheAsset(script, name));
const loader = new ScriptLoader(
  {
    source: (script) => readFileSync(join(folder, script), 'latin1'),
    cache: (script) =>
      use !== undefined && existsSync(cacheOf(script)) ? readFileSync(cacheOf(script)) : undefined,
  },
  createRequire(import.meta.url),
);
// Each command listens to the process's signals, and none is the last one.
process.setMaxListeners(0);
const program = loader.load(scriptOf(name)) as { main: typeof main; answerTo: typeof answerTo };
/** Of a line that is completed, what comes of it. */
const run = (argv: string[]): Promise<unknown> =>
  name === COMPLETION_PROGRAM ? program.answerTo(argv, process.env) : program.main(argv);
// V8 drops the code of functions that did not run for a while. It has its usual flags when it is given a cache.
setFlagsFromString('--no-flush-bytecode');

process.on('message', async ({ line, argv }: { line: number; argv: string[] }) => {
  setClock(line);
  if (argv.length > 0) return process.send!(await run(argv));
  takeBackFlags();
  if (use !== undefined) return process.send!(loader.shareInCache(scriptOf(name)));
  if (name === WHOLE_PROGRAM)
    for (const library of Object.keys(LIBRARIES).map(scriptOf))
      if (!loader.scripts.has(library)) loader.compile(library);
  for (const [loaded, { script }] of loader.scripts)
    writeFileSync(cacheOf(loaded), script.createCachedData());
  return process.send!(0);
});
