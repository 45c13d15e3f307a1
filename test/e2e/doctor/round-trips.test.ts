import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensureCluster } from '../../cluster/cluster.ts';
import { cliFor } from '../support/cli.ts';
import { podsOf } from '../support/memcached.ts';
import { recordingProxy } from '../support/recording-proxy.ts';
import { aRelease } from '../support/release.ts';
import { type RoundTrip, roundTripsOf, tripsInWords } from '../support/round-trips.ts';

const cluster = await ensureCluster();

/** Round trips in sequence at most, connecting not counted, the second look at the pods included. */
const AT_MOST = [
  // Lists, the WebSocket, the question. The other ones are of the backup that this one leaves.
  { words: ['backup'], trips: 3, asksPods: true },
  { words: ['doctor'], trips: 5, asksPods: true },
  { words: ['status'], trips: 4, asksPods: true },
  { words: ['diff'], trips: 3, asksPods: true },
  { words: ['verify'], trips: 2, asksPods: false },
];

/** What was asked more than once, reviews and dry runs by what is in their body aside. */
function askedAgain(trips: readonly RoundTrip[]): string[] {
  const asked = trips.flatMap(({ requests }) => requests.map(({ method, path }) => `${method} ${path}`));
  return asked.filter((each, index) => asked.indexOf(each) !== index);
}

test('of a healthy release backup, doctor, status, diff and verify ask nothing twice, in few round trips', async () => {
  await using release = await aRelease(cluster, cluster.helms[0]!)
    .withValues({ replicaCount: 2 })
    .installed();
  await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
  using cli = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
  const pods = await podsOf(release.kubectl, release.name);
  for (const { words, trips: most, asksPods } of AT_MOST) {
    const trips = await roundTripsOf(proxy, () => cli.ok(...words, release.name));
    assert.ok(trips.length <= most, `${words} takes ${trips.length}\n${tripsInWords(trips)}`);
    assert.deepEqual(askedAgain(trips), [], `${words}`);
    const dialled = trips.flatMap(({ requests }) =>
      requests.filter(({ path }) => path.includes('/portforward?')),
    );
    assert.equal(dialled.length, asksPods ? pods.length : 0, `${words} asks each pod once, or none`);
  }
});
