import { setTimeout as sleep } from 'node:timers/promises';
import { ensureCluster } from '../../test/cluster/cluster.ts';
import { cacheLoad, hitRatioOf, type LoadTick, lowestRatio } from '../../test/e2e/support/cache-load.ts';
import { expectCode } from '../../test/e2e/support/process.ts';
import { aRelease } from '../../test/e2e/support/release.ts';
import { rolledOut } from '../../test/e2e/support/rollout.ts';
import { type Curve, curvesSvg } from './curves-svg.ts';

/** Three pods, and keys of which a cold one has most again after some twenty seconds. */
const PODS = 3;
const KEYS = 1500;
const RATE = 500;
/** Of each curve, before its command and after it, seconds. */
const BEFORE = 5;
const AFTER = 8;

/** What the curves are about, and what they show. */
export interface Curves {
  svg: string;
  /** One sentence with the numbers. */
  words: string;
}

/**
 * The same change of a release, and the same requests: once by a rollout, as `kubectl rollout restart` does it, once by
 * `restore --paced`. Only on the cluster of this checkout: the requests come from its node.
 */
export async function measureCurves(signal: AbortSignal): Promise<Curves> {
  const cluster = await ensureCluster();
  await using release = await aRelease(cluster, cluster.helms.at(-1)!)
    .withValues({ replicaCount: PODS, memcached: { maxMemory: 32 } })
    .installed();
  const { cli, kubectl, name } = release;
  await cli.ok('backup', name);
  await release.upgrade({ ...release.values, memcached: { maxMemory: 24 } });
  const server = `${await kubectl.objects.field(`service/${name}`, '.spec.clusterIP')}:11211`;
  const measure = async (
    command: () => Promise<void>,
  ): Promise<{ ticks: LoadTick[]; began: number; ended: number; total: LoadTick }> => {
    await using load = await cacheLoad({ server, keys: KEYS, rate: RATE, reconnect: '500ms' });
    await load.warm(0.985, 120_000);
    await sleep(BEFORE * 1000, undefined, { signal });
    const now = (): number => load.ticks.at(-1)?.seconds ?? 0;
    const began = now();
    await command();
    const ended = now();
    await sleep(AFTER * 1000, undefined, { signal });
    const total = await load.end();
    return { ticks: load.ticks.filter(({ seconds }) => seconds >= began - BEFORE), began, ended, total };
  };
  const rollout = await measure(async () => {
    await kubectl.ok('rollout', 'restart', `deployment/${name}`);
    await rolledOut(kubectl, `deployment/${name}`);
    await sleep(25_000, undefined, { signal });
  });
  const paced = await measure(
    async () => void expectCode(await cli.run('restore', name, '--yes', '--paced')),
  );
  const curve = (
    name: string,
    colour: string,
    { ticks, began }: Pick<typeof paced, 'ticks' | 'began'>,
  ): Curve => ({
    name,
    colour,
    points: ticks.slice(1).map((tick, at) => ({
      seconds: tick.seconds - began,
      hitRatio: hitRatioOf(ticks.slice(at, at + 2)),
    })),
  });
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return {
    svg: curvesSvg([
      curve('kubectl rollout restart', '#d1495b', rollout),
      curve('restore --paced', '#2a9d8f', paced),
    ]),
    words: `${PODS} pods, ${RATE} reads a second by a client that stores what it misses: the lowest hit ratio of two seconds was ${percent(lowestRatio(rollout.ticks))} with \`kubectl rollout restart\` and ${percent(lowestRatio(paced.ticks))} with \`restore --paced\` (${Math.round(paced.ended - paced.began)} s); requests without an answer: ${rollout.total.errors} and ${paced.total.errors}.`,
  };
}
