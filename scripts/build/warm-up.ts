import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { ExitCode } from '../../src/errors/exit-code.ts';
import type { main } from '../../src/main.ts';
import { toYaml } from '../../src/model/json/yaml.ts';
import { ScriptLoader } from './script-loader.ts';
import { S3_KEYS, warmUpBucket } from './warm-up-bucket.ts';
import { warmUpCluster } from './warm-up-cluster.ts';
import { installedRelease, memcachedOf, RELEASE, rollOut, upgrade } from './warm-up-release.ts';

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
// Each command listens to the process's signals, and none is the last one.
process.setMaxListeners(0);
const server = installedRelease();
const cluster = await warmUpCluster(server, () => rollOut(server), memcachedOf);
const kubeconfig = join(folder, 'kubeconfig');
const named = { cluster: 'warm-up', user: 'warm-up' };
const config = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'warm-up',
  clusters: [
    {
      name: 'warm-up',
      cluster: {
        server: cluster.url,
        'certificate-authority-data': Buffer.from(cluster.certificate).toString('base64'),
      },
    },
  ],
  users: [{ name: 'warm-up', user: { token: 'warm-up' } }],
  contexts: [{ name: 'warm-up', context: named }],
};
writeFileSync(kubeconfig, toYaml(config));
const inJson = join(folder, 'kubeconfig.json');
writeFileSync(inJson, JSON.stringify(config));
const flags = ['-n', RELEASE.namespace, '--kubeconfig', kubeconfig, '--request-timeout', '5s'];
const store = ['--store', join(folder, 'store')];
mkdirSync(join(folder, 'store'));

/** V8 drops the code of functions that did not run for a while. A cache is for a process that has its usual flags. */
function forgetUnused(does: boolean): void {
  setFlagsFromString(does ? '--flush-bytecode' : '--no-flush-bytecode');
}

/** A command that ends otherwise than expected would leave what comes after that out of the cache. */
async function run(expected: ExitCode, ...words: string[]): Promise<void> {
  const inStore = words[0] === 'version' || words.includes('--store') ? [] : store;
  const exitCode = await program.main([...flags, ...words, ...inStore]);
  if (exitCode === expected) return;
  process.stderr.write(`warm-up: "${words.join(' ')}" ended with ${exitCode}, not ${expected}\n`);
  process.exit(1);
}

forgetUnused(false);
await run(ExitCode.ok, 'version');
await run(ExitCode.ok, 'list', RELEASE.name);
// Every command loads these scripts: with what the others need of them, the smallest ones would start more slowly.
// Nothing listens on port 1: the command gets as far as connecting by TLS.
await run(ExitCode.unreachable, 'backup', RELEASE.name, '--server', 'https://127.0.0.1:1');
await run(ExitCode.failed, 'backup', 'nope');
await run(ExitCode.ok, 'backup', RELEASE.name);
await run(ExitCode.ok, 'list', RELEASE.name);
await run(ExitCode.ok, 'show', RELEASE.name);
await run(ExitCode.ok, 'status', RELEASE.name, '--kubeconfig', inJson);
await run(ExitCode.ok, 'diff', RELEASE.name);
await run(ExitCode.ok, 'verify', RELEASE.name);
await run(ExitCode.ok, 'status', RELEASE.name);
await run(ExitCode.ok, 'doctor', RELEASE.name);
await run(ExitCode.ok, 'permissions', 'backup', RELEASE.name);
await run(ExitCode.ok, 'restore', RELEASE.name, '--yes');
upgrade(server);
await run(ExitCode.differs, 'diff', RELEASE.name);
await run(ExitCode.differs, 'diff', RELEASE.name, '-o', 'json');
await run(ExitCode.ok, 'restore', RELEASE.name, '--dry-run=server');
await run(ExitCode.ok, 'restore', RELEASE.name, '--yes');
await run(ExitCode.ok, 'undo', RELEASE.name, '--yes');
await run(ExitCode.ok, 'restore', RELEASE.name, '--yes', '-o', 'json');
Object.assign(process.env, S3_KEYS);
const bucket = await warmUpBucket();
const inS3 = ['--store', 's3://warm-up', '--s3-endpoint', bucket.endpoint];
await run(ExitCode.ok, 'backup', RELEASE.name, ...inS3);
await run(ExitCode.ok, 'list', ...inS3);
await bucket[Symbol.asyncDispose]();
await cluster[Symbol.asyncDispose]();

forgetUnused(true);
for (const name of readdirSync(folder).filter((file) => file.endsWith('.js'))) {
  const script = loader.scripts.get(name) ?? loader.compile(name);
  writeFileSync(join(folder, `${name}.cache`), script.createCachedData());
}
process.exit(0);
