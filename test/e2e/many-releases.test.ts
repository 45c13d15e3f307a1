import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY, cliFor } from './support/cli.ts';
import { manyReleases } from './support/fixtures/many-releases.ts';
import { peakMemory } from './support/peak-memory.ts';
import { type RecordedRequest, recordingProxy } from './support/recording-proxy.ts';
import { aRelease, CACHE_CHART } from './support/release.ts';
import { backupsIn } from './support/store-files.ts';
import { onTerminal } from './support/terminal.ts';

const RELEASES = 300;
const cluster = await ensureCluster();
const helm = cluster.helms[0]!;
const run = `many-${randomBytes(4).toString('hex')}`;
const seed = await manyReleases(cluster, helm, RELEASES, (number) => ({
  run,
  ...(number < 30 ? { 'among-thirty': 'yes' } : {}),
  ...(number < 1 ? { 'only-one': 'yes' } : {}),
}));
after(() => seed[Symbol.asyncDispose]());

interface Cost {
  requests: RecordedRequest[];
  /** MiB, milliseconds. */
  memory: number;
  time: number;
}

/** What it costs to back up so many releases. */
async function costOf(args: string[], releases: number): Promise<Cost> {
  await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
  using cli = cliFor(cluster, seed);
  const env = { ...process.env, KUBECONFIG: proxy.kubeconfig };
  const { mib, ms } = await peakMemory(BINARY, ['backup', ...args, '--store', cli.store], env);
  assert.equal(backupsIn(cli.store).length, releases);
  return { requests: proxy.requests, memory: mib, time: ms };
}

/** The run of three that took neither the least nor the most memory. */
async function medianCostOf(args: string[], releases: number): Promise<Cost> {
  const costs: Cost[] = [];
  for (let run = 0; run < 3; run++) costs.push(await costOf(args, releases));
  return costs.toSorted((a, b) => a.memory - b.memory)[1]!;
}

/**
 * MiB. A container with a limit of 256 MiB, the least that CronJobs are commonly given, has room for it, for the pages of
 * the executable that are in use, and for the files that are written. docs/performance.md says what was measured.
 */
const MOST_MEMORY = 75;

test('requests depend on kinds and pages; 300 releases fit in a container of 256 MiB', async () => {
  const one = await costOf(['-A', '-l', `run=${run},only-one=yes`], 1);
  const thirty = await costOf(['-A', '-l', `run=${run},among-thirty=yes`], 30);
  // How much garbage lies around at the worst moment depends on what else the machine does: the median of three.
  const all = await medianCostOf(['-A', '-l', `run=${run}`], RELEASES);

  const counts = [one, thirty, all].map(({ requests }) => firstPages(requests).length);
  assert.deepEqual(counts, [counts[0], counts[0], counts[0]]);
  // Fifteen kinds and the namespaces, three of them again for -l, two of Helm's records, discovery, identity.
  assert.ok(counts[0]! <= 40, `${counts[0]} requests`);
  // Pages of 500: a kind with 300 objects here, and whatever else is in the cluster, has a few.
  assert.ok(all.requests.length - counts[2]! <= 30, `${all.requests.length - counts[2]!} further pages`);

  assert.ok(all.memory <= MOST_MEMORY, `${all.memory.toFixed(0)} MiB for ${RELEASES} releases`);
  assert.ok(all.time < 120_000, `${all.time.toFixed(0)} ms`);
});

function firstPages(requests: RecordedRequest[]): RecordedRequest[] {
  return requests.filter(({ path }) => !/[?&]continue=/.test(path));
}

test('a release of 30 objects costs no more requests than one of 3', async () => {
  const extraDeploy = Array.from(
    { length: 27 },
    (_, i) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra-${i}}\ndata: {number: "${i}"}\n`,
  );
  await using big = await aRelease(cluster, helm)
    .named('big')
    .fromChart(CACHE_CHART, { image: cluster.images.memcached, replicaCount: 0, extraDeploy })
    .beside(seed)
    .installed();
  const [ofBig, ofSmall] = [
    await costOf([big.name, '-n', seed.namespace], 1),
    await costOf([seed.name, '-n', seed.namespace], 1),
  ];
  assert.equal(ofBig.requests.length, ofSmall.requests.length);
});

test('on a terminal the release under way is shown, and its number', async () => {
  using cli = cliFor(cluster, seed);
  const args = ['backup', '-l', `run=${run},among-thirty=yes`, '-n', seed.namespace, '--store', cli.store];
  const shown = await onTerminal(BINARY, args, { ...process.env, KUBECONFIG: cluster.kubeconfig });
  assert.match(shown, /Looking for memcached releases|Backing up/);
  assert.match(shown, new RegExp(`Backing up ${seed.namespace}/seed-00\\d\\d \\(\\d+ of 30\\)`));
});
