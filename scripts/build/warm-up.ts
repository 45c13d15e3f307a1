import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExitCode } from '../../src/errors/exit-code.ts';
import { toYaml } from '../../src/model/json/yaml.ts';
import { COMPLETION_PROGRAM, programOf, SHARE_LINE } from './programs.ts';
import { S3_KEYS, warmUpBucket } from './warm-up-bucket.ts';
import { warmUpCluster } from './warm-up-cluster.ts';
import { installedRelease, memcachedOf, RELEASE, rollOut, upgrade } from './warm-up-release.ts';
import { FLAGS_OF_A_RUN, SAME_SEEDS } from './without-chance.ts';

/**
 * Runs the bundle in FOLDER through what users do most, each program in a process of its own (warm-up-run.ts), which then writes
 * the code cache of each script beside it: the same ones from the same scripts. Run by the Node that the executable is made of, with HOME as an empty
 * folder: what it keeps of its own is there.
 *
 *   node warm-up.ts FOLDER
 */
const folder = process.argv[2] ?? '';
const home = process.env.HOME ?? '';
const runner = join(import.meta.dirname, 'warm-up-run.ts');
const settler = join(import.meta.dirname, 'settle-caches.ts');
Object.assign(process.env, S3_KEYS);
const server = installedRelease();
const cluster = await warmUpCluster(server, () => rollOut(server), memcachedOf);
const kubeconfig = join(home, 'kubeconfig');
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
const inJson = join(home, 'kubeconfig.json');
writeFileSync(inJson, JSON.stringify(config));
const flags = ['-n', RELEASE.namespace, '--kubeconfig', kubeconfig, '--request-timeout', '60s'];
const store = ['--store', join(home, 'store')];
mkdirSync(join(home, 'store'));

/** By program, the process that runs its commands: its code cache is to hold their functions and no others. */
const processes = new Map<string, ChildProcess>();

function processOf(program: string): ChildProcess {
  const started =
    processes.get(program) ??
    fork(runner, [folder, program], {
      execArgv: FLAGS_OF_A_RUN,
      stdio: ['ignore', 1, 2, 'ipc'],
    });
  processes.set(program, started);
  return started;
}

/** How many were sent to be run, whichever process runs them. */
let lines = 0;

/** @returns what it answers. */
async function ask(child: ChildProcess, argv: string[]): Promise<unknown> {
  lines += 1;
  child.send({ line: lines, argv });
  const ended = once(child, 'exit').then(() => ['nothing: its process is gone']);
  const [answer] = await Promise.race([once(child, 'message'), ended]);
  return answer;
}

/** A command that ends otherwise than expected would leave what comes after that out of the cache. */
async function run(expected: ExitCode, ...words: string[]): Promise<void> {
  const inStore = words.includes('version') || words.includes('--store') ? [] : store;
  const argv = [...words, ...flags, ...inStore];
  expectExit(expected, await ask(processOf(programOf(argv)), argv), argv);
}

function expectExit(expected: ExitCode, exitCode: unknown, words: string[]): void {
  if (exitCode === expected) return;
  process.stderr.write(`warm-up: "${words.join(' ')}" ended with ${exitCode}, not ${expected}\n`);
  process.exit(1);
}

/** One whose answer lacks that would not have come as far as it is to. */
async function complete(expected: RegExp, ...words: string[]): Promise<void> {
  const answer = String(await ask(processOf(COMPLETION_PROGRAM), words));
  if (expected.test(answer)) return;
  process.stderr.write(`warm-up: completing "${words.join(' ')}" gave ${answer}\n`);
  process.exit(1);
}

// With flags before the command: by the program that has all of them.
const FIRST = ['-n', RELEASE.namespace];
await run(ExitCode.ok, ...FIRST, 'version');
await run(ExitCode.ok, ...FIRST, 'list');
await run(ExitCode.ok, ...FIRST, 'backup', RELEASE.name);
await run(ExitCode.ok, 'version');
await run(ExitCode.ok, 'list', RELEASE.name);
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
// With what the restores left: pods that were replaced, and their reports.
await run(ExitCode.ok, 'doctor', RELEASE.name);
const bucket = await warmUpBucket();
const inS3 = ['--store', 's3://warm-up', '--s3-endpoint', bucket.endpoint];
await run(ExitCode.ok, 'backup', RELEASE.name, ...inS3);
await run(ExitCode.ok, 'list', ...inS3);
await bucket[Symbol.asyncDispose]();
await complete(/^restore\t/m, '');
await complete(/^--store\t/m, 'restore', '--');
await complete(/^json$/m, 'list', '-o', 'js');
await complete(new RegExp(`^${RELEASE.name}\\t`, 'm'), ...flags, 'restore', ...store, '');
await complete(new RegExp(`^${RELEASE.name}@2`, 'm'), ...flags, 'restore', ...store, `${RELEASE.name}@`);
await complete(/^:/m, ...flags, 'backup', '');
await complete(/^warm-up\t/m, '--kubeconfig', kubeconfig, '--context', '');
await complete(/^:/m, ...flags, '-n', '');
for (const child of processes.values()) {
  await ask(child, []);
  child.kill('SIGKILL');
}
for (const program of processes.keys())
  await promisify(execFile)(process.execPath, [...SAME_SEEDS, settler, folder, program]);

/** Little of it may be compiled at run time: then what a command runs is not what the warm-up ran. */
const LEAST_SHARE = 0.98;

const COMMANDS = ['list', 'show', 'backup', 'verify', 'status', 'diff', 'doctor', 'restore'];
for (const command of COMMANDS) {
  const child = fork(runner, [folder, programOf([command]), '--use'], {
    stdio: ['ignore', 'ignore', 2, 'ipc'],
  });
  const words = [command, RELEASE.name, ...(command === 'restore' ? ['--yes'] : [])];
  expectExit(ExitCode.ok, await ask(child, [...words, ...flags, ...store]), words);
  const share = Number(await ask(child, []));
  child.kill('SIGKILL');
  console.log(`${SHARE_LINE}${command} ${(100 * share).toFixed(1)} %`);
  if (share >= LEAST_SHARE) continue;
  process.stderr.write(
    `warm-up: only ${(100 * share).toFixed(1)} % of the code of ${command} is in its cache\n`,
  );
  process.exit(1);
}
await cluster[Symbol.asyncDispose]();
process.exit(0);
