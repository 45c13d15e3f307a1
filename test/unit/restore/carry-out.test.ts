import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InterruptedError } from '../../../src/errors/tool-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { JournalEntry } from '../../../src/model/records/journal.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import { carryOut } from '../../../src/restore/carry-out.ts';
import { JournaledWrites } from '../../../src/restore/journal/journaled-writes.ts';
import { noWrites } from '../../../src/restore/writes.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { ModelServer } from '../../support/api-server.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aLiveRelease } from '../../support/live-release.ts';
import { modelCluster } from '../../support/model-cluster.ts';
import { aDeployment } from '../../support/objects.ts';
import { NOW, namesOf, planWith } from '../../support/restore-model.ts';
import { aSource, saved } from '../../support/restore-source.ts';
import { spelled } from '../spelled.ts';

const CART = aDeployment('cart').served();
const manifest = namesOf([CART]);

test('an object that is deleted, and does not go before the interruption, is said to be not made again', async () => {
  const other = CART.with({ spec: { selector: { matchLabels: { app: 'other' } } } });
  const source = aSource([saved(CART)], {});
  const live = aLiveRelease([other], {});
  const server = new ModelServer([other.object]);
  const plan = planWith(source, live, server);
  assert.deepEqual(
    plan.objects.map(({ action }) => action),
    ['recreate'],
  );
  const interruption = new AbortController();
  const cluster = modelCluster(server, {});
  // It is there, being deleted, for as long as its pods are.
  const kube: KubeClient = {
    ...cluster,
    delete: async (...asked) => {
      interruption.abort(new InterruptedError());
      return cluster.delete(...asked);
    },
    get: async (ref) => (ref.kind === 'Deployment' ? other.object : cluster.get(ref)),
  };
  const written: JournalEntry[] = [];
  const journal = { location: '', append: async (entry: JournalEntry) => void written.push(entry) };
  const journaled = new JournaledWrites(journal, 'memcached-backup-x', () => NOW);
  const context: Partial<CommandContext> = { io: createMemoryIO(), now: () => NOW };
  const address = { cluster: '3f6c2a10', namespace: 'shop', release: 'cart' };
  const scope = {
    store: { location: '/backups', flags: ['--store', '/backups'] },
    address,
    clusterName: undefined,
  };
  const { signal } = interruption;
  const of = { kube, scope, source, live, plan, journaled, writes: noWrites(), timeoutMs: 60_000, signal };

  const carryingOut = carryOut({ ...of, operation: 'restore' }, context as CommandContext);

  await assert.rejects(carryingOut, (error: unknown) => {
    assert.ok(error instanceof InterruptedError);
    assert.equal(error.message, 'the restore of cart was interrupted');
    assert.equal(
      error.untouched,
      'written before that: deployment.apps/cart deleted, not made again yet; nothing else was changed',
    );
    assert.match(
      spelled(error.next),
      /to go back: kubectl memcached-backup undo cart -n shop --store \/backups/,
    );
    return true;
  });
  assert.deepEqual(
    written.map(({ type }) => type),
    ['will', 'did'],
  );
});

test('whoever is interrupted before the first write finds nothing written, not even a revision of Helm', async () => {
  const source = aSource([saved(CART)], { history: [aRevision(1, 'deployed', { manifest })] });
  const history = [
    aRevision(1, 'superseded', { manifest }),
    aRevision(2, 'deployed', { manifest, config: {} }),
  ];
  const live = aLiveRelease([CART], { history });
  const plan = planWith(source, live, new ModelServer([CART.object]));
  assert.equal(plan.helm.action, 'new-revision');
  const written: JournalEntry[] = [];
  const journal = { location: '', append: async (entry: JournalEntry) => void written.push(entry) };
  const kube = new Proxy({} as KubeClient, {
    get: (_, name) => () => assert.fail(`${String(name)} was asked of the cluster`),
  });
  const context: Partial<CommandContext> = { io: createMemoryIO(), now: () => NOW };

  const address = { cluster: '3f6c2a10', namespace: 'shop', release: 'cart' };
  const scope = {
    store: { location: '/backups', flags: ['--store', '/backups'] },
    address,
    clusterName: undefined,
  };
  const journaled = new JournaledWrites(journal, 'memcached-backup-x', () => NOW);
  const writes = noWrites();
  const work = {
    kube,
    scope,
    source,
    live,
    plan,
    operation: 'restore' as const,
    journaled,
    writes,
    timeoutMs: 1000,
  };
  const carryingOut = carryOut({ ...work, signal: AbortSignal.abort() }, context as CommandContext);

  await assert.rejects(carryingOut, (error: unknown) => {
    assert.ok(error instanceof InterruptedError);
    assert.equal(error.untouched, 'no object was changed');
    return true;
  });
  assert.deepEqual(written, []);
});
