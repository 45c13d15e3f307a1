import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { candidates } from './support/candidates.ts';
import { BINARY } from './support/cli.ts';
import { entryPoints } from './support/entry-points.ts';
import { contextFor } from './support/kubeconfig.ts';
import { aNamespace } from './support/namespace.ts';
import { describe as describeRun, expectCode, run } from './support/process.ts';
import { type ShellName, type TypedShell, typeIn } from './support/shells.ts';
import { silentServer } from './support/silent-server.ts';

const cluster = await ensureCluster();
const place = await aNamespace(cluster, 'completion');
const { namespace } = place;
const kubeconfig = await contextFor(cluster, { context: 'staging', namespace });
const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-shells-'));
const entries = await entryPoints(cluster, kubeconfig);
after(async () => {
  for (const entry of entries) entry[Symbol.dispose]();
  rmSync(kubeconfig);
  rmSync(folder, { recursive: true, force: true });
  await place[Symbol.asyncDispose]();
});

// A name tells a release that runs; names of folders tell one that has backups.
await place.kubectl.ok(
  'create',
  'deployment',
  'alpha',
  `--image=${cluster.images.memcached}`,
  '--replicas=0',
);
const store = join(folder, 'store');
const NEWER = '20261128T101500Z';
const OLDER = '20261127T101500Z';
for (const id of [NEWER, OLDER, '20251231T101500Z'])
  mkdirSync(join(store, '2a35bb76', namespace, 'beta', id), { recursive: true });

// As krew lays it out: one link to the program.
const bin = join(folder, 'bin');
mkdirSync(bin);
symlinkSync(BINARY, join(bin, 'kubectl-memcached_backup'));
symlinkSync(cluster.kubectl, join(bin, 'kubectl'));
const env: NodeJS.ProcessEnv = {
  PATH: [bin, process.env.PATH].join(delimiter),
  KUBECONFIG: kubeconfig,
  MEMCACHED_BACKUP_STORE: store,
  TZ: 'UTC',
};
const installed = await run('kubectl', ['memcached-backup', 'completion', 'install'], { env });

test('completion install makes the link that kubectl asks, and kubectl says what may stand there', async () => {
  assert.match(
    expectCode(installed).stderr,
    new RegExp(`^${join(bin, 'kubectl_complete-memcached_backup')} made: `),
  );
  const words = ['memcached-backup', '-n', namespace, 'restore', ''];
  const stdout = await candidates('kubectl', words, env, 'alpha');
  assert.equal(stdout, 'alpha\truns, no backups known\nbeta\tin the store alone\n:4\n');
});

/** Who is asked for completions: what is typed before the command, and what loads them. */
interface Asked {
  words: string;
  env: NodeJS.ProcessEnv;
  setup: Record<ShellName, string>;
  contextFlag: string;
}

const helms = entries.filter(({ name }) => name !== 'kubectl');
const ASKED: Readonly<Record<string, Asked>> = {
  kubectl: {
    words: 'kubectl memcached-backup',
    env,
    setup: loading('kubectl completion'),
    contextFlag: '--context',
  },
  ...Object.fromEntries(
    helms.map(({ name, env: own, program, contextFlag }): [string, Asked] => {
      const PATH = [dirname(program), env.PATH].join(delimiter);
      const setup = loading('helm completion');
      return [
        name,
        { words: 'helm memcached-backup', env: { ...env, ...own, ...env, PATH }, setup, contextFlag },
      ];
    }),
  ),
  'its own name': {
    words: 'kubectl-memcached_backup',
    env,
    setup: loading('kubectl-memcached_backup completion'),
    contextFlag: '--context',
  },
};

function loading(completion: string): Record<ShellName, string> {
  return {
    bash: `source <(${completion} bash)`,
    zsh: `source <(${completion} zsh)`,
    fish: `${completion} fish | source`,
  };
}

async function inShell(name: ShellName, { env: own, setup }: Asked, bare = false): Promise<TypedShell> {
  const home = mkdtempSync(join(folder, `${name}-`));
  return typeIn(name, { home, env: own, setup: [setup[name]], bare });
}

type Line = readonly [line: string, word: string];

/** What is typed after the program's words, and what one Tab makes of its last word. */
const GIST: readonly Line[] = [
  ['rest', 'restore'],
  [`restore -n ${namespace} al`, 'alpha'],
  [`restore -n ${namespace} beta@2025`, 'beta@20251231T101500Z'],
  ['restore --without-r', '--without-restart'],
  ['list -o js', 'json'],
];
const LINES: readonly Line[] = [
  ...GIST,
  ['schedule unin', 'uninstall'],
  [`show -n ${namespace} be`, 'beta'],
  [`restore -n ${namespace} beta@${OLDER.slice(0, 8)}`, `beta@${OLDER}`],
  [`rollback beta -n ${namespace} --to pre`, 'previous'],
  ['list --output=js', '--output=json'],
  ['doctor --explain MB201', 'MB201'],
];

async function assertCompletes(
  shell: TypedShell,
  { words: program, contextFlag }: Asked,
  lines: readonly Line[],
): Promise<void> {
  for (const [line, word] of [...lines, [`restore ${contextFlag} staging al`, 'alpha'] as const]) {
    const typed = `${program} ${line}`;
    let words = await shell.completed(typed);
    // The cluster has 1.5 s for its names, which a machine with much to do may take: whoever types presses Tab again.
    for (let more = 2; more > 0 && words.join(' ') === typed && word !== words.at(-1); more--)
      words = await shell.completed(typed);
    assert.deepEqual(words, [...typed.split(' ').slice(0, -1), word], typed);
  }
}

for (const name of ['bash', 'zsh', 'fish'] as const) {
  describe(`Tab in ${name}`, { concurrency: 2 }, () => {
    for (const [who, asked] of Object.entries(ASKED)) {
      test(`through ${who}: commands, flags, values, releases and backups`, async () => {
        using shell = await inShell(name, asked);
        await assertCompletes(shell, asked, name === 'bash' || who === 'kubectl' ? LINES : GIST);
        await shell.offers(`${asked.words} restore -n ${namespace} `, 'alpha', 'runs, no backups', 'beta');
      });
    }
  });
}

test('Tab in bash without bash-completion: RELEASE@ID too, which bash cuts at "@"', async () => {
  const asked = ASKED['its own name']!;
  using shell = await inShell('bash', asked, true);
  await assertCompletes(shell, asked, LINES);
  await shell.offers(`${asked.words} restore -n ${namespace} beta@`, 'latest', 'previous', NEWER, OLDER);
});

test('whatever goes wrong, nothing is said, and there are no candidates in time', async () => {
  await using silent = await silentServer();
  const lines = [
    ['restore', '--kubeconfig', '/nope', '--store', '/nope', ''],
    ['--context', 'nope', 'backup', ''],
    ['restore', '--store', 's3://key:secret@b', ''],
    ['-n', '../x', 'restore', 'a@2'],
    ['--server', `https://127.0.0.1:${silent.port}`, '-n', ''],
    ['--request-timeout', 'nope', 'backup', ''],
  ];
  for (const line of lines) {
    const started = performance.now();
    const outcome = await run(BINARY, ['__complete', ...line], {
      env: { ...env, HOME: folder, NODE_OPTIONS: '--trace-warnings' },
    });
    assert.equal(expectCode(outcome).stderr, '', describeRun(outcome));
    assert.match(outcome.stdout, /^(?:beta\tin the store alone\n)?:(?:4|36)\n$/, describeRun(outcome));
    assert.ok(performance.now() - started < 6_000, describeRun(outcome));
  }
});
