import { getRawAsset } from 'node:sea';
import type { main } from '../../src/main.ts';
import { ScriptLoader } from './script-loader.ts';

/**
 * What the executable runs first. V8 compiles a script at each start; a cache taken from a process that had
 * already run (warm-up.ts) spares most of that. V8 checks the cache against itself and the source, and
 * compiles where it does not fit.
 */
const loader = new ScriptLoader(
  {
    source: (name) => Buffer.from(getRawAsset(name)).toString('latin1'),
    cache: (name) => Buffer.from(getRawAsset(`${name}.cache`)),
  },
  require,
);
const program = loader.load('main.js') as { main: typeof main };
void program.main(process.argv.slice(2)).then((exitCode) => {
  if (process.env.MEMCACHED_BACKUP_DEBUG) reportRejected();
  process.exit(exitCode);
});

function reportRejected(): void {
  for (const [name, script] of loader.scripts) {
    if (script.cachedDataRejected) process.stderr.write(`debug: the code cache of ${name} does not fit\n`);
  }
}
