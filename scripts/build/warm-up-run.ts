import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { answerTo } from '../../src/cli/completion/completion.ts';
import type { main } from '../../src/main.ts';
import { COMPLETE_PROFILE, COMPLETION_PROFILE, cacheAsset } from './cache-profile.ts';
import { ScriptLoader } from './script-loader.ts';
import { leaveNothingToChance, takeBackFlags } from './without-chance.ts';

/**
 * Runs the bundle in FOLDER with each command line that its parent sends, and answers with the exit code. When the parent sends an
 * empty one, it writes the code cache of each script beside it: V8 caches the functions that were compiled by then. With --use it runs
 * with those caches, and answers in the end how much of the program's code was in there, as a share of 1. Lines of the profile
 * "completion" are completed.
 *
 *   node warm-up-run.ts FOLDER PROFILE BEGAN [--use]
 */
const [folder = '', profile = '', began = '', use] = process.argv.slice(2);
leaveNothingToChance(Number(began));
const cacheOf = (name: string): string => join(folder, cacheAsset(name, profile));
const loader = new ScriptLoader(
  {
    source: (name) => readFileSync(join(folder, name), 'latin1'),
    cache: (name) =>
      use !== undefined && existsSync(cacheOf(name)) ? readFileSync(cacheOf(name)) : undefined,
  },
  createRequire(import.meta.url),
);
// Each command listens to the process's signals, and none is the last one.
process.setMaxListeners(0);
const script = profile === COMPLETION_PROFILE ? 'completion.js' : 'main.js';
const program = loader.load(script) as { main: typeof main; answerTo: typeof answerTo };
/** Of a line that is completed, what comes of it. */
const run = (argv: string[]): Promise<unknown> =>
  profile === COMPLETION_PROFILE ? program.answerTo(argv, process.env) : program.main(argv);
// V8 drops the code of functions that did not run for a while. It has its usual flags when it is given a cache.
setFlagsFromString('--no-flush-bytecode');

process.on('message', async (argv: string[]) => {
  if (argv.length > 0) return process.send!(await run(argv));
  takeBackFlags();
  if (use !== undefined) return process.send!(loader.shareInCache(script));
  const names = readdirSync(folder).filter((file) => file.endsWith('.js'));
  if (profile === COMPLETE_PROFILE)
    for (const name of names.filter((name) => !loader.scripts.has(name))) loader.compile(name);
  for (const [name, { script }] of loader.scripts) writeFileSync(cacheOf(name), script.createCachedData());
  return process.send!(0);
});
