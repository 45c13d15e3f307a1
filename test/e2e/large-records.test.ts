import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { connectKube } from '../../src/kube/connect.ts';
import type { JsonObject } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { peakMemory } from './support/peak-memory.ts';
import { expectCode } from './support/process.ts';
import { aRelease, CACHE_CHART } from './support/release.ts';
import { backupsIn } from './support/store-files.ts';

const cluster = await ensureCluster();

/** JSON of so many small objects. */
const objects = (count: number) => `[${'{"a":1},'.repeat(count)}{}]`;

/** What a small Secret stands for, by the name of its release: as many values as a parser takes minutes for. */
const BOMBS: Record<string, string> = {
  // Some 200 kB that unpack to 126 MB.
  balloon: `{"chart":{"values":${objects(16_500_000)}}}`,
  values: `{"config":{"x":${objects(500_000)}}}`,
  // Some 17 kB that unpack to 5 MB; as YAML they took 20 s and 2 GB.
  manifest: JSON.stringify({ info: { status: 'deployed' }, manifest: `data: ${objects(500_000)}\n` }),
};

test('records that unpack to millions of values end nothing: they are named, and a healthy release is saved', async () => {
  await using healthy = await aRelease(cluster, cluster.helms[0]!)
    .fromChart(CACHE_CHART, { image: cluster.images.memcached, replicaCount: 0 })
    .installed();
  const { kubectl, namespace, name, cli } = healthy;
  const deployment = (await kubectl.objects.get(`deployment/${healthy.fullname}`)) as JsonObject;
  // kubectl would keep a copy in an annotation, which may not be as long.
  const kube = await connectKube({ kubeconfig: cluster.kubeconfig, asGroups: [], asUserExtra: {} });
  try {
    for (const [bomb, document] of Object.entries(BOMBS)) {
      for (const object of [workload(bomb, namespace, deployment), record(bomb, namespace, document)])
        await kube.create(object, { fieldManager: 'helm' });
    }
  } finally {
    kube.close();
  }
  const bombs = Object.keys(BOMBS);

  const status = expectCode(await cli.run('status'), 5);
  for (const release of [name, ...bombs]) assert.match(status.stdout, new RegExp(`^${release} `, 'm'));
  assert.match(
    status.stderr,
    /secret\/sh\.helm\.release\.v1\.balloon\.v1 can't be decoded: its \d+ bytes unpack to/,
  );
  assert.match(status.stderr, /secret\/sh\.helm\.release\.v1\.values\.v1 .* more than \d+ JSON values/);
  assert.match(status.stderr, /manifest of Helm revision 1 of manifest is larger than what is read/);

  const doctor = expectCode(await cli.run('doctor'), 3);
  assert.equal(doctor.stdout.match(/MB517/g)?.length, bombs.length, doctor.stdout);

  expectCode(await cli.run('backup'), 5);
  assert.deepEqual(
    backupsIn(cli.store)
      .map(({ document }) => `${document.release} ${document.complete}`)
      .sort(),
    ['balloon false', 'manifest false', `${name} true`, 'values false'],
  );
  expectCode(await cli.run('list'));

  const peak = await peakMemory(BINARY, ['status', '-n', namespace], cli.env, 5);
  assert.ok(peak.mib < 700, `${peak.mib.toFixed(0)} MiB`);
});

/** The Deployment of another release, without pods, as Helm marks it. */
function workload(release: string, namespace: string, like: JsonObject): JsonObject {
  const spec = { ...(like.spec as JsonObject), replicas: 0 };
  const annotations = { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace };
  const labels = { 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/instance': release };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: release, namespace, labels, annotations },
    spec,
  };
}

function record(release: string, namespace: string, document: string): JsonObject {
  const packed = Buffer.from(gzipSync(document, { level: 9 }).toString('base64')).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'helm.sh/release.v1',
    metadata: {
      name: `sh.helm.release.v1.${release}.v1`,
      namespace,
      labels: { owner: 'helm', name: release, status: 'deployed', version: '1' },
    },
    data: { release: packed },
  };
}
