import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refOf } from '../../../src/model/kubernetes/object.ts';
import type { ModelServer } from '../../support/api-server.ts';
import type { ModelRequest } from '../../support/model-cluster.ts';
import { ADDED, contextOf } from '../../support/released-model.ts';
import { restoring, scene } from '../../support/restore-scene.ts';

/** All that a restore of the released model asks. @param meanwhile what somebody does once the Lease is held. */
async function asked(meanwhile: (server: ModelServer) => void = () => {}): Promise<ModelRequest[]> {
  const { server, folder } = await scene('moved');
  const requests: ModelRequest[] = [];
  const after = (request: ModelRequest): undefined => {
    requests.push(request);
    if (request.kind === 'Lease' && request.verb === 'create') meanwhile(server);
  };
  await restoring(contextOf(server, folder, { after }));
  return requests;
}

/** What was asked once the Lease was held. */
const underLease = (requests: ModelRequest[]) =>
  requests.slice(requests.findIndex(({ verb, kind }) => verb === 'create' && kind === 'Lease'));
const dryRuns = (requests: ModelRequest[]) => requests.filter(({ dryRun }) => dryRun).length;
const lists = (requests: ModelRequest[]) =>
  requests.filter(({ verb, kind }) => verb === 'list' && kind === 'Deployment').length;

test('a release is read for the plan and once more under the Lease, and each write is tried once', async () => {
  const requests = await asked();

  assert.equal(lists(requests), 2);
  assert.equal(lists(underLease(requests)), 1, 'the safety backup is made of what was read');
  assert.ok(dryRuns(requests) > 0);
  assert.equal(dryRuns(underLease(requests)), 0);
});

test('where an object changed before the Lease was held, each write is tried again', async () => {
  const requests = await asked((server) => {
    const live = server.get(refOf(ADDED.object))!;
    server.write({ ...live, spec: { selector: { app: 'other' } } }, 'somebody');
  });

  assert.equal(dryRuns(underLease(requests)) * 2, dryRuns(requests));
});
