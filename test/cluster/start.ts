import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../../src/errors/tool-error.ts';
import type { Build } from './build/build.ts';
import { makeGroup } from './cgroups.ts';
import type { Instance } from './instance.ts';
import { isNamespaceReady, isNodeReady } from './node/api.ts';
import type { NodePlan } from './node/plan.ts';
import { tail } from './run.ts';

const SUPERVISOR = join(import.meta.dirname, 'node', 'supervisor.ts');
const READY_WITHIN_MS = 180_000;

/** The shell joins the control group, then becomes the launcher: every process below is a member from birth. */
const JOIN_GROUP = 'echo $$ > "$1" && shift && exec "$@"';

/** Process 1 of the box: a shell, because it reaps orphans (containerd's shims), which Node does not. */
const INIT = '"$@" & wait $!';

/** Starts a cluster where there is none, and returns when its node is Ready. */
export async function startCluster(instance: Instance, build: Build): Promise<void> {
  mkdirSync(join(instance.state, 'log'), { recursive: true, mode: 0o700 });
  mkdirSync(join(instance.state, 'node'));
  const plan: NodePlan = {
    state: instance.state,
    cgroup: instance.cgroup,
    minor: build.minor,
    server: `https://127.0.0.1:${instance.port}`,
    packagesRoot: build.root,
    kubernetes: build.kubernetes,
    etcd: build.etcd,
    imagesFolder: build.imagesFolder,
  };
  const planFile = join(instance.state, 'node.json');
  writeFileSync(planFile, JSON.stringify(plan, null, 2));
  // What the kernel may have as modules; the box can't load any. A kernel without modules has them built in.
  for (const module of ['overlay', 'br_netfilter']) spawnSync('modprobe', [module], { stdio: 'ignore' });

  const listener = await listen(instance.port);
  const launcher = launch(instance, planFile, listener);
  try {
    await untilReady(instance, launcher);
  } finally {
    launcher.unref();
  }
}

/** The socket is opened here, on this machine's loopback, and handed to the supervisor in the box. */
async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new ToolError(`port ${port} of 127.0.0.1 is taken`, {
      cause,
      next: 'end the program that listens there, or choose another port with CLUSTER_PORT and CLUSTER_NAME',
    });
  }
  return server;
}

function launch(instance: Instance, planFile: string, listener: Server): ChildProcess {
  const log = openSync(join(instance.state, 'log', 'supervisor.log'), 'a');
  const namespaces = ['unshare', '--mount', '--pid', '--net', '--fork', '--kill-child'];
  const init = ['sh', '-c', INIT, 'init', process.execPath, SUPERVISOR, planFile];
  const joinGroup = ['-c', JOIN_GROUP, 'join', makeGroup(instance.cgroup)];
  const child = spawn('sh', [...joinGroup, ...namespaces, ...init], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
    cwd: '/',
  });
  closeSync(log);
  // From here on only the supervisor accepts: whoever holds the socket gets a share of the connections.
  child.send('listener', listener, () => listener.close());
  return child;
}

async function untilReady(instance: Instance, launcher: ChildProcess): Promise<void> {
  const kubeconfig = join(instance.state, 'kubeconfig');
  const deadline = performance.now() + READY_WITHIN_MS;
  while (
    !(existsSync(kubeconfig) && (await isNodeReady(kubeconfig)) && (await isNamespaceReady(kubeconfig)))
  ) {
    if (launcher.exitCode !== null || launcher.signalCode !== null)
      throw notUp(instance, 'the supervisor ended');
    if (performance.now() > deadline)
      throw notUp(instance, `the node is not Ready after ${READY_WITHIN_MS / 1000} s`);
    await sleep(50);
  }
}

function notUp(instance: Instance, what: string): ToolError {
  const logs = join(instance.state, 'log');
  const lines = tail(join(logs, 'supervisor.log'), 20);
  return new ToolError(
    `the test cluster did not start: ${what}; the last lines of ${logs}/supervisor.log:\n${lines}`,
    {
      next: `read ${logs}/*.log`,
    },
  );
}
