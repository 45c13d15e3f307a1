import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { executable } from '../../scripts/build/paths.ts';
import { layOut } from '../../src/cli/help-layout.ts';
import { helpPages } from '../../src/cli/help-pages.ts';
import { VERSION } from '../../src/cli/version.ts';

function run(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(executable, args, {
    encoding: 'utf8',
    env: { HOME: '/nonexistent', ...env },
  });
  return { code: status, stdout, stderr };
}

describe('the help inside the executable is the one that its commands make', () => {
  test('every page, asked for alone and among other flags', async () => {
    for (const [command, made] of helpPages()) {
      const page = layOut(made, 80);
      const words = command === '' ? [] : [command];
      assert.deepEqual(run([...words, '--help']), { code: 0, stdout: page, stderr: '' });
      assert.deepEqual(run(['-n', 'cache', ...words, '--help']), { code: 0, stdout: page, stderr: '' });
    }
  });

  test('and names Helm where Helm asks', () => {
    const { stdout } = run(['list', '--help'], { HELM_PLUGIN_NAME: 'memcached-backup' });
    assert.match(stdout, /^ {2}helm memcached-backup list \[RELEASE\] \[flags\]$/m);
  });
});

test('the version is printed by flag and by command', () => {
  for (const args of [['--version'], ['version'], ['--version', '-n', 'x']]) {
    assert.deepEqual(run(args), { code: 0, stdout: `memcached-backup ${VERSION}\n`, stderr: '' });
  }
});

test('every code cache fits the executable and holds what runs, so that no start compiles', () => {
  const lines = {
    'show.js': ['version', '-oyaml'],
    'backup.js': ['backup', 'x', '--server', 'https://127.0.0.1:1'],
    'main.js': ['-n', 'x', 'version', '-oyaml'],
  };
  for (const [script, args] of Object.entries(lines)) {
    const { stderr } = run(args, { MEMCACHED_BACKUP_DEBUG: '1' });
    assert.match(stderr, /^debug: store/m);
    assert.doesNotMatch(stderr, /does not fit/);
    const [, share, of] = /^debug: ([\d.]+) % of the code of (\S+) was in its cache$/m.exec(stderr) ?? [];
    assert.equal(of, script);
    assert.ok(Number(share) >= 98, `${share} % of what "${args.join(' ')}" ran`);
  }
});

test('options for other Node programs leave it alone', () => {
  assert.equal(run(['--version'], { NODE_OPTIONS: '--require /nonexistent.js' }).code, 0);
});

test('the connection is opened ahead only for what asks the cluster', async (t) => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const connected = async (...words: string[]): Promise<boolean> => {
    connections = 0;
    run([...words, '--store', '/nonexistent', '--server', `https://127.0.0.1:${address.port}`]);
    // What the kernel took meanwhile, this process hears of now.
    await sleep(50);
    return connections > 0;
  };
  assert.equal(await connected('doctor', '--explain', 'MB201'), false);
  assert.equal(await connected('diff', 'cart@previous', '--against', '@latest', '-n', 'shop'), false);
  assert.equal(await connected('status', 'cart', '-n', 'shop', '--request-timeout', '500ms'), true);
});

test('a reader that went away is no failure', () => {
  const script = 'exec 3> >(exit 0); sleep 0.2; "$@" >&3';
  for (const args of [['--help'], ['--version'], ['version'], ['version', '-ojson']]) {
    const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', executable, ...args], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, stderr], [0, ''], args.join(' '));
  }
});

test('a full disk behind standard output is one', () => {
  const { status, stderr } = spawnSync('sh', ['-c', '"$1" version > /dev/full', 'sh', executable], {
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /^error: can't write to standard output: /);
});
