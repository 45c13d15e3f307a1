import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { takeBackup } from '../../../src/backup/take-backup.ts';
import { sameAsLive } from '../../../src/diff/same-as-live.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { ModelServer } from '../../support/api-server.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aNamespace } from '../../support/live-release.ts';
import { aConfigMap, aService, type Fixture } from '../../support/objects.ts';
import { contextOf } from '../../support/released-model.ts';
import { namesOf } from '../../support/restore-model.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const SYSTEM: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'kube-system', uid: '3f6c2a10-0f5e' },
};

/** The release, whose ConfigMap says `conf`. */
function serverWith(conf: string): ModelServer {
  const objects: Fixture[] = [aConfigMap('cart', { 'memcached.conf': conf }), aService('cart')].map(
    (object) => object.served().ownedBy('helm', { 'f:data': {} }),
  );
  const { record } = aRevision(1, 'deployed', { manifest: namesOf(objects), config: { conf } });
  return new ModelServer([aNamespace(), SYSTEM, ...objects.map(({ object }) => object), record]);
}

/** A store with a backup of each. */
async function backedUp(t: TestContext, configurations: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [index, conf] of configurations.entries()) {
    const context = contextOf(serverWith(conf), folder, {});
    const startedAt = new Date(Date.UTC(2026, 10, 1 + index, 12));
    const what = { namespace: 'shop', release: 'cart', kind: 'backup' as const, startedAt };
    await takeBackup(await context.kube(), await context.store(), what, context);
  }
  return folder;
}

/** Of each backup, in order of time, whether it is as the release is, and how often anything was listed for that. */
async function compared(folder: string, conf: string): Promise<{ same: unknown[]; lists: number }> {
  let lists = 0;
  const count = (request: { verb: string }): undefined => {
    if (request.verb === 'list') lists++;
  };
  const model = contextOf(serverWith(conf), folder, { before: count });
  const kube: KubeClient = {
    ...(await model.kube()),
    connectionFacts: async () => ({
      serverVersion: 'v1.34.4',
      clocks: undefined,
      serverCertificateEnds: undefined,
      credentialsEnd: undefined,
    }),
  };
  const context = { ...model, kube: async () => kube };
  const backups = await (await context.store()).list({});
  const ofEach = await sameAsLive(backups, context);
  const inOrder = backups.toSorted((a, b) => (a.address.id < b.address.id ? -1 : 1));
  return { same: inOrder.map((backup) => ofEach.get(backup)), lists };
}

test('each backup is compared with the release, which is read once however many there are', async (t) => {
  const one = await compared(await backedUp(t, ['-m 1']), '-m 1');
  assert.deepEqual(one.same, ['same']);
  assert.ok(one.lists > 0);
  const several = await compared(await backedUp(t, ['-m 1', '-m 2', '-m 1', '-m 3', '-m 1', '-m 2']), '-m 1');
  assert.deepEqual(several.same, ['same', 'differs', 'same', 'differs', 'same', 'differs']);
  assert.equal(several.lists, one.lists);
});
