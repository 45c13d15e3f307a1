import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { ClaimDoor } from '../../../../src/store/pvc/pod/claim-door.ts';

test('a pod that ended before the kubelet could forward to it is named as ended, not by what the kubelet says', async () => {
  const state = (of: object) => ({
    phase: 'Running',
    containerStatuses: [{ name: 'store-server', state: of }],
  });
  const ended = { terminated: { exitCode: 3, message: 'what is this' } };
  let looks = 0;
  let made: KubeObject | undefined;
  const kube = {
    get: async ({ kind }: { kind: string }) => {
      if (kind === 'PersistentVolumeClaim')
        return { metadata: { name: 'backups', namespace: 'shop', uid: 'u' }, status: { phase: 'Bound' } };
      // Its status is behind: twice it seems to run.
      const status = ++looks < 3 ? state({ running: {} }) : { ...state(ended), phase: 'Failed' };
      return { ...made, status };
    },
    list: async () => [],
    create: async (pod: KubeObject) => {
      made = { ...pod, metadata: { ...(pod.metadata as object), uid: 'p' } };
      return made;
    },
    delete: async () => true,
    portForward: async () => {
      const call = { verb: 'create', group: '', resource: 'pods/portforward', namespace: 'shop', name: 'x' };
      throw ApiError.fromReply(500, '{"kind":"Status","message":"pod not found","reason":"NotFound"}', call);
    },
  } as unknown as KubeClient;
  const door = new ClaimDoor({
    claim: { location: 'pvc://shop/backups', namespace: 'shop', claim: 'backups', flags: [] },
    folder: [],
    signal: undefined,
    access: { kube: async () => kube, image: 'other:1', imageFlags: [], atEnd: () => {} },
  });
  await assert.rejects(door.connect(), /its pod ended with exit code 3: what is this/);
});
