import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { connectKube } from '../../../src/kube/connect.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { ensureCluster } from '../../cluster/cluster.ts';
import { toolImage } from '../../cluster/tool-image.ts';
import { findingsIn } from '../../contract/store/findings-in.ts';
import { spelled } from '../../unit/spelled.ts';
import { BINARY } from '../support/cli.ts';
import { CLAIM_STORE_FAULTS } from '../support/doctor/faults/claim-store.ts';
import { aNamespace } from '../support/namespace.ts';
import { isGone } from '../support/objects.ts';

const cluster = await ensureCluster();
const skip = cluster.external && 'volumes and images are made in the node of our own cluster only';

describe('doctor on a store on a claim', { skip, concurrency: true }, async () => {
  if (skip) return;
  const image = await toolImage(BINARY);
  const stack = new AsyncDisposableStack();
  const place = { ...stack.use(await aNamespace(cluster, 'claim-faults')), cluster, stack, image };
  const kube = await connectKube({ kubeconfig: cluster.kubeconfig, asGroups: [], asUserExtra: {} });
  after(async () => {
    await place.kubectl.objects.until('pods', isGone, { labels: 'app.kubernetes.io/component=store-server' });
    kube.close();
    await stack.disposeAsync();
  });
  for (const { name, code, says, fix, plant } of CLAIM_STORE_FAULTS)
    test(`finds ${name}: ${code}`, async () => {
      const planted = await plant(place);
      const endings: (() => Promise<void>)[] = [];
      const store = await openStore(planted.location, undefined, {
        pvc: {
          kube: async () => kube,
          image: planted.image,
          imageFlags: [],
          atEnd: (end) => void endings.push(end),
        },
      });
      const began = performance.now();
      const [found, ...others] = await findingsIn(store);
      const ms = performance.now() - began;
      for (const end of endings) await end();
      assert.deepEqual(others, [], 'one cause, one finding');
      assert.equal(found?.code, code, JSON.stringify(found));
      assert.match(found.evidence.map(({ text }) => text).join('\n'), says);
      assert.ok(
        found.advice.some((command) => fix.test(spelled(command))),
        found.advice.join('\n'),
      );
      assert.ok(ms < 30_000, `it took ${ms} ms to say so`);
    });
});
