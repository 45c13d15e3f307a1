import { getAssetKeys, getRawAsset } from 'node:sea';
import { answerQuickly } from '../../src/cli/quick-answer.ts';
import { ExitCode } from '../../src/errors/exit-code.ts';
import type { main } from '../../src/main.ts';
import { COMPLETE_PROFILE, cacheAsset, profileOf } from './cache-profile.ts';
import type { ScriptLoader } from './script-loader.ts';

/** What the executable runs first. Only what is no quick answer loads the program. */
async function start(argv: readonly string[]): Promise<ExitCode> {
  return (await answerQuickly(argv, process.env)) ? ExitCode.ok : runProgram(argv);
}

/**
 * V8 compiles a script at each start; a cache taken from a process that had already run (warm-up.ts) spares
 * most of that. V8 checks the cache against itself and the source, and compiles where it does not fit.
 */
async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  const { ScriptLoader } = await import('./script-loader.ts');
  const profile = profileOf(argv);
  const assets = new Set(getAssetKeys());
  const loader = new ScriptLoader(
    {
      source: (name) => Buffer.from(getRawAsset(name)).toString('latin1'),
      // An executable that was built on another kind of machine has none.
      cache: (name) => {
        const caches = [profile, COMPLETE_PROFILE].map((each) => cacheAsset(name, each));
        const asset = caches.find((each) => assets.has(each));
        return asset === undefined ? undefined : Buffer.from(getRawAsset(asset));
      },
    },
    require,
  );
  const program = loader.load('main.js') as { main: typeof main };
  const exitCode = await program.main(argv);
  if (process.env.MEMCACHED_BACKUP_DEBUG) reportCaches(loader);
  return exitCode;
}

/** Whether V8 took them, and how much they lacked of what ran. */
function reportCaches(loader: ScriptLoader): void {
  for (const [name, { script, cacheSize }] of loader.scripts) {
    if (script.cachedDataRejected) process.stderr.write(`debug: the code cache of ${name} does not fit\n`);
    else if (cacheSize > 0) {
      const share = 100 * loader.shareInCache(name);
      process.stderr.write(`debug: ${share.toFixed(1)} % of the code of ${name} was in its cache\n`);
    }
  }
}

void start(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
