import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildAll } from './build/build.ts';
import { hierarchies, members } from './cgroups.ts';
import { ensureCluster } from './cluster.ts';
import { type MachineTools, machineTools } from './machine-tools.ts';
import { alone, PRIVATE, skipPrivate } from './private-cluster.ts';
import { output } from './run.ts';
import type { TestCluster } from './test-cluster.ts';

const run = promisify(execFile);
const skip = skipPrivate();

test('two checkouts that call up at once get one cluster, and a third call reuses it', { skip }, () =>
  alone(async () => {
    const env = { ...process.env, CLUSTER_NAME: PRIVATE.name, CLUSTER_PORT: String(PRIVATE.port) };
    const up = () => run(process.execPath, [join(import.meta.dirname, 'main.ts'), 'up'], { env });
    const [first, second] = await Promise.all([up(), up()]);
    assert.equal(first.stdout, second.stdout);
    const starts = `${first.stderr}${second.stderr}`.match(/start the cluster: done/g);
    assert.equal(starts?.length, 1, 'started once');

    const server = apiServer();
    await ensureCluster(undefined, PRIVATE);
    assert.equal(apiServer(), server, 'the same API server still runs');
  }),
);

test('up works after kill -9 of the launcher, which takes everything along', { skip }, () =>
  alone(async () => {
    await ensureCluster(undefined, PRIVATE);
    const killed = members(PRIVATE.cgroup);
    assert.ok(killed.length > 8, 'the components run');
    process.kill(Math.min(...killed.filter((pid) => commandOf(pid) === 'unshare')), 'SIGKILL');
    await until(() => members(PRIVATE.cgroup).length === 0, 'every process ended');
    await assertWorks(await ensureCluster(undefined, PRIVATE));
  }),
);

test(
  'up works after kill -9 of everything, with mounts, groups, interfaces, rules and folders left behind',
  { skip },
  () =>
    alone(async () => {
      await ensureCluster(undefined, PRIVATE);
      for (const pid of members(PRIVATE.cgroup)) ignoreError(() => process.kill(pid, 'SIGKILL'));
      await until(() => members(PRIVATE.cgroup).length === 0, 'every process ended');
      const planted = join(PRIVATE.state, 'node', 'var', 'lib', 'kubelet');
      mkdirSync(planted, { recursive: true });
      execFileSync('mount', ['-n', '-t', 'tmpfs', 'tmpfs', planted]);
      writeFileSync(join(planted, 'file'), 'left behind');
      for (const point of hierarchies())
        mkdirSync(join(point, PRIVATE.cgroup, 'kubepods', 'pod1'), { recursive: true });
      const plants = plantNetwork(machineTools((await buildAll(() => {})).root));
      try {
        await assertWorks(await ensureCluster(undefined, PRIVATE));
      } finally {
        plants.remove();
      }
    }),
);

/** An interface with the pods' network and a chain of kube-proxy's, on the machine itself. */
function plantNetwork({ ip, xtables }: MachineTools): { remove(): void } {
  const rule = (action: string) => xtables('legacy', 'iptables', '-t', 'nat', action, 'KUBE-SERVICES');
  const remove = () => {
    ignoreError(() => ip('link', 'del', 'mbcni0'));
    ignoreError(() => rule('-X'));
  };
  remove(); // of a run of this test that was killed
  ip('link', 'add', 'mbcni0', 'type', 'bridge');
  ip('addr', 'add', '10.88.0.1/16', 'dev', 'mbcni0');
  rule('-N');
  return { remove };
}

/** A pod gets an address, runs, and answers another pod through a Service. */
async function assertWorks(cluster: TestCluster): Promise<void> {
  const kubectl = (...args: string[]) =>
    output(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, ...args]);
  await kubectl('run', 'cache', `--image=${cluster.images.memcached}`, '--port=11211', '--expose');
  await kubectl('wait', '--for=condition=Ready', 'pod/cache', '--timeout=60s');
  const address = await kubectl('get', 'service', 'cache', '-o', 'jsonpath={.spec.clusterIP}');
  // A Service answers once kube-proxy has written its rules, which is soon, not at once.
  const ask = `for try in $(seq 30); do printf 'version\\r\\nquit\\r\\n' | nc -w 5 ${address} 11211 && exit; sleep 0.5; done; exit 1`;
  assert.match(await kubectl('exec', 'cache', '--', 'sh', '-c', ask), /^VERSION 1\./);
}

function apiServer(): number | undefined {
  return members(PRIVATE.cgroup).find((pid) => commandOf(pid) === 'kube-apiserver');
}

/** The kernel keeps 15 characters of a program's name. */
function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

function ignoreError(work: () => void): void {
  try {
    work();
  } catch {
    // there was nothing to end or to remove
  }
}

async function until(done: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!done()) {
    assert.ok(performance.now() < deadline, `not within 10 s: ${what}`);
    await sleep(20);
  }
}
