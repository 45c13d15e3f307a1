import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheAsset } from './programs.ts';
import { ScriptLoader } from './script-loader.ts';

/**
 * Takes each code cache of one program again, from a process that runs nothing of it: functions have a number in V8's heap, by the order in
 * which they were compiled, which differs from run to run. Here they get theirs by the order in which they stand in the cache.
 *
 *   node settle-caches.ts FOLDER PROGRAM
 */
const [folder = '', program = ''] = process.argv.slice(2);
const cacheOf = (name: string): string => join(folder, cacheAsset(name, program));
const loader = new ScriptLoader(
  {
    source: (name) => readFileSync(join(folder, name), 'latin1'),
    cache: (name) => readFileSync(cacheOf(name)),
  },
  () => ({}),
);
const names = readdirSync(folder).filter((file) => file.endsWith('.js') && existsSync(cacheOf(file)));
for (const name of names.sort()) {
  const script = loader.compile(name);
  if (script.cachedDataRejected === true) throw new Error(`V8 refuses the code cache of ${name}`);
  writeFileSync(cacheOf(name), script.createCachedData());
}
