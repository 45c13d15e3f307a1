import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { BINARY } from '../../test/e2e/support/cli.ts';
import { someCaches } from '../../test/e2e/support/fixtures/some-caches.ts';
import { ask, itemCount, podsOf } from '../../test/e2e/support/memcached.ts';
import { run } from '../../test/e2e/support/process.ts';
import type { Figure } from './figures.ts';
import { compare } from './interleaved.ts';

const ITEMS = 100_000;
const SIZE = 100;

/** `warm --from` of 100,000 items of 100 bytes, start to exit, against a loop over the same protocol in Go through `kubectl port-forward`. */
export async function benchWarm(cluster: TestCluster, env: NodeJS.ProcessEnv): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-bench-'));
  const program = join(folder, 'item-copy');
  const module = join(import.meta.dirname, 'item-copy');
  execFileSync('go', ['build', '-o', program, '.'], { cwd: module, env: { ...process.env, GOWORK: 'off' } });
  await using caches = await someCaches(cluster, { name: 'full' }, { name: 'target' });
  const { kubectl, namespace } = caches;
  const [source] = await podsOf(kubectl, 'full');
  const [target] = await podsOf(kubectl, 'target');
  const value = 'x'.repeat(SIZE);
  for (let at = 0; at < ITEMS; at += 20_000) {
    const lines = Array.from({ length: 20_000 }, (_, i) => [
      `set key-${at + i} 7 3600 ${SIZE} noreply`,
      value,
    ]);
    await ask(kubectl, source!, ...lines.flat(), 'mn');
  }
  const forwards = await Promise.all(
    [source!, source!, target!].map((pod) => forwarded(env, namespace, nameOf(pod))),
  );
  /** What is written in the second of flush_all goes with it. */
  const emptied = async (): Promise<void> => {
    await ask(kubectl, target!, 'flush_all');
    await sleep(1100);
  };
  try {
    const args = ['warm', 'target', '--from', 'full', '-n', namespace];
    const figure = await compare(
      {
        what: '`warm --from`, 100,000 items of 100 bytes',
        ours: async () => {
          await emptied();
          return run(BINARY, args, { env });
        },
        yardstick: 'a loop over the same protocol in Go, through `kubectl port-forward`',
        theirs: async () => {
          await emptied();
          return run(
            program,
            forwards.map(({ address }) => address),
            { env },
          );
        },
      },
      { rounds: 7, deadlineMs: 90_000 },
    );
    const copied = await itemCount(kubectl, target!);
    if (copied !== ITEMS) throw new Error(`${copied} of ${ITEMS} items were copied`);
    return figure;
  } finally {
    for (const { end } of forwards) end();
    rmSync(folder, { recursive: true });
  }
}

/** A `kubectl port-forward` to a pod's memcached. */
async function forwarded(
  env: NodeJS.ProcessEnv,
  namespace: string,
  pod: string,
): Promise<{ address: string; end(): void }> {
  const child = spawn('kubectl', ['port-forward', '-n', namespace, `pod/${pod}`, ':11211'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  child.once('exit', () => reject(new Error(`kubectl port-forward ended: ${said}`)));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    const [, address] = /^Forwarding from (127\.0\.0\.1:\d+) /m.exec(said) ?? [];
    if (address !== undefined) resolve(address);
  });
  return { address: await promise, end: () => void child.kill() };
}
