import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { BINARY } from '../../test/e2e/support/cli.ts';
import { manyReleases } from '../../test/e2e/support/fixtures/many-releases.ts';
import { peakMemory } from '../../test/e2e/support/peak-memory.ts';
import { expectCode, type Outcome, run } from '../../test/e2e/support/process.ts';
import type { Fact, Figure } from './figures.ts';
import { interleaved, median } from './interleaved.ts';

const [SOME, MANY] = [100, 1000];
/** What each release may take of the processors, milliseconds. */
const ALLOWED_MS = 10;

/**
 * `backup -A` of a hundred releases less the own backup of one, in milliseconds of processor time a release; and the peaks of memory
 * of one release and of a thousand.
 */
export async function benchManyReleases(
  cluster: TestCluster,
  env: NodeJS.ProcessEnv,
): Promise<{ figures: Figure[]; beside: Fact[] }> {
  using stores = new Stores();
  const figure = await withReleases(cluster, SOME, async (all, one) => {
    const { all: many, one: single } = await interleaved(
      [
        { name: 'all', run: () => processorTime(stores.with(all), env) },
        { name: 'one', run: () => processorTime(stores.with(one), env) },
      ],
      { rounds: 15, deadlineMs: 60_000 },
    );
    return {
      what: `\`backup -A\`, ${SOME} releases: processor time a release`,
      ours: (many! - single!) / (SOME - 1),
      yardstick: '10 ms',
      theirs: ALLOWED_MS,
      atMost: 1,
    };
  });
  const beside = await withReleases(cluster, MANY, async (all, one) => [
    { what: 'peak RssAnon of `backup` beside 1,000 releases', amount: await peakOf(stores, one, env) },
    {
      what: `of \`backup -A\` of ${MANY.toLocaleString('en')} releases`,
      amount: await peakOf(stores, all, env),
    },
  ]);
  return { figures: [figure], beside };
}

/** @param work is given the words for all releases, and for one. */
async function withReleases<T>(
  cluster: TestCluster,
  count: number,
  work: (all: string[], one: string[]) => Promise<T>,
): Promise<T> {
  const label = `bench-${process.pid}-${count}`;
  const helm = cluster.helms.find(({ name }) => name === 'helm3') ?? cluster.helms[0]!;
  await using seed = await manyReleases(cluster, helm, count, () => ({ run: label }));
  return await work(['backup', '-A', '-l', `run=${label}`], ['backup', seed.name, '-n', seed.namespace]);
}

/**
 * Each backup goes to an empty store: the seconds of their ids are soon taken. All of them are removed in the end: for minutes after a store was
 * removed, ext4 passes over each of its inodes before it makes another file, which takes more processor time than the backups.
 */
class Stores {
  readonly #folder = mkdtempSync(join(tmpdir(), 'memcached-backup-bench-'));

  /** The words, and an empty store. */
  with(words: readonly string[]): string[] {
    return [...words, '--store', mkdtempSync(join(this.#folder, 'store-'))];
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** An outcome whose milliseconds are those of the processors: what the shell's `times` says of its children (POSIX, "times"). */
async function processorTime(args: string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const outcome = expectCode(
    await run('/bin/sh', ['-c', '"$@" > /dev/null && times', 'sh', BINARY, ...args], { env }),
  );
  const ofChildren = outcome.stdout.trim().split('\n').at(-1) ?? '';
  const times = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)];
  if (times.length !== 2) throw new Error(`the shell's times are "${ofChildren}"`);
  const ms = times.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
  return { ...outcome, ms };
}

async function peakOf(stores: Stores, words: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const peaks: number[] = [];
  for (let round = 0; round < 3; round++) peaks.push((await peakMemory(BINARY, stores.with(words), env)).mib);
  return `${median(peaks).toFixed(0)} MiB`;
}
