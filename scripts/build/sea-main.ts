import { getAssetKeys, getRawAsset } from 'node:sea';
import { completionWords } from '../../src/cli/completion/asked.ts';
import type { complete } from '../../src/cli/completion/completion.ts';
import { answerQuickly } from '../../src/cli/quick-answer.ts';
import { ExitCode } from '../../src/errors/exit-code.ts';
import type { main } from '../../src/main.ts';
import { COMPLETION_PROGRAM, cacheAsset, programOf, scriptOf, WHOLE_PROGRAM } from './programs.ts';
import type { ScriptLoader } from './script-loader.ts';

/** What the executable runs first. Only what is no quick answer loads the program; completion has one of its own. */
async function start(argv: readonly string[]): Promise<ExitCode> {
  const line = completionWords(process.argv0, argv);
  if (line !== undefined) {
    const loader = await openScripts(COMPLETION_PROGRAM);
    const program = loader.load(scriptOf(COMPLETION_PROGRAM)) as { complete: typeof complete };
    await program.complete(line, process.env);
    return ExitCode.ok;
  }
  return (await answerQuickly(argv, process.env)) ? ExitCode.ok : runProgram(argv);
}

async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  const name = programOf(argv);
  const loader = await openScripts(name);
  const program = loader.load(scriptOf(name)) as { main: typeof main };
  const exitCode = await program.main(argv);
  if (process.env.MEMCACHED_BACKUP_DEBUG) reportCaches(loader);
  return exitCode;
}

/**
 * V8 compiles a script at each start; a cache taken from a process that had already run (warm-up.ts) spares
 * most of that. V8 checks the cache against itself and the source, and compiles where it does not fit.
 */
async function openScripts(program: string): Promise<ScriptLoader> {
  const { ScriptLoader } = await import('./script-loader.ts');
  const assets = new Set(getAssetKeys());
  return new ScriptLoader(
    {
      source: (name) => Buffer.from(getRawAsset(name)).toString('latin1'),
      // An executable that was built on another kind of machine has none.
      cache: (name) => {
        const caches = [program, WHOLE_PROGRAM].map((each) => cacheAsset(name, each));
        const asset = caches.find((each) => assets.has(each));
        return asset === undefined ? undefined : Buffer.from(getRawAsset(asset));
      },
    },
    require,
  );
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
