// npm run cluster -- up | down | status | build | exec COMMAND…
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PLAIN_SPELLING, spellAdvice } from '../../src/advice/spell.ts';
import { ToolError } from '../../src/errors/tool-error.ts';
import { buildAll } from './build/build.ts';
import { clusterObstacle, clusterStatus, ensureCluster, stopCluster, type TestCluster } from './cluster.ts';
import { instanceFrom } from './instance.ts';
import { intoNode } from './load-image.ts';
import { ADMIN_KUBECONFIG, BOX_PATH } from './node/plan.ts';

const USAGE = `usage: npm run cluster -- COMMAND
  up       build what is missing, start the cluster or reuse the running one; prints how to reach it
  down     stop it and remove everything but the build cache
  status   say what runs; exit 1 unless it is up
  build    only build
  exec     run a command in the node, for example: exec ctr -n k8s.io images list`;

const report = (line: string) => console.error(line);

async function main([command, ...rest]: string[]): Promise<number> {
  if (command === 'up') {
    console.log(describe(await ensureCluster(report)));
    return 0;
  }
  if (command === 'down') {
    await stopCluster(report);
    return 0;
  }
  if (command === 'status') return status();
  if (command === 'build') {
    const obstacle = clusterObstacle();
    if (obstacle) throw new ToolError(obstacle);
    await buildAll(report);
    return 0;
  }
  if (command === 'exec' && rest.length > 0) return exec(rest);
  console.error(USAGE);
  return 2;
}

async function status(): Promise<number> {
  const { state, folder, port, processes, cluster } = await clusterStatus();
  console.log(`${state}: ${processes} processes, 127.0.0.1:${port}, ${folder}`);
  if (cluster && state === 'up') console.log(describe(cluster));
  return state === 'up' ? 0 : 1;
}

async function exec(command: string[]): Promise<number> {
  const env = { PATH: BOX_PATH, KUBECONFIG: ADMIN_KUBECONFIG };
  const [code] = await once(
    spawn('nsenter', [...intoNode(instanceFrom()), ...command], { stdio: 'inherit', env }),
    'close',
  );
  return code as number;
}

/** Shell assignments, so that `eval "$(npm run -s cluster -- up)"` sets a shell up. */
function describe(cluster: TestCluster): string {
  const helms = cluster.helms.map(({ name, path }) => `${name.toUpperCase()}=${path}`);
  const lines = [`KUBECONFIG=${cluster.kubeconfig}`, `KUBECTL=${cluster.kubectl}`, ...helms];
  return [...lines, `MEMCACHED_IMAGE=${cluster.images.memcached}`].map((line) => `export ${line}`).join('\n');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ToolError)) throw error;
  console.error(`error: ${error.message}`);
  if (error.next) console.error(`next: ${spellAdvice(error.next, PLAIN_SPELLING)}`);
  process.exitCode = 1;
}
