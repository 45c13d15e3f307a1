import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { main } from '../../src/main.ts';
import { ScriptLoader } from './script-loader.ts';

/**
 * Runs the bundle in FOLDER through what users do most, then writes each script's code cache beside it: V8
 * caches the functions that were compiled by then. Run by the Node that the executable is made of.
 *
 *   node warm-up.ts FOLDER
 */
const folder = process.argv[2] ?? '';
const loader = new ScriptLoader(
  { source: (name) => readFileSync(join(folder, name), 'latin1'), cache: () => undefined },
  createRequire(import.meta.url),
);
const program = loader.load('main.js') as { main: typeof main };
// Nothing listens on port 1: the command gets as far as connecting.
const nowhere = ['--server', 'https://127.0.0.1:1', '--kubeconfig', '/dev/null', '--request-timeout', '1s'];
const store = ['--store', join(folder, 'no-store')];
for (const argv of [
  ['version'],
  ['list', 'my-memcached', '-n', 'default', ...store, ...nowhere],
  ['backup', 'my-memcached', '-n', 'default', ...store, ...nowhere],
  ['restore', 'my-memcached', '-n', 'default', '--yes', ...store, ...nowhere],
]) {
  await program.main(argv);
}
for (const name of readdirSync(folder).filter((file) => file.endsWith('.js'))) {
  const script = loader.scripts.get(name) ?? loader.compile(name);
  writeFileSync(join(folder, `${name}.cache`), script.createCachedData());
}
process.exitCode = 0;
