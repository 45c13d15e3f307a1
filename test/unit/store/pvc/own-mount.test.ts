import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { ApiError } from '../../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { ownMount } from '../../../../src/store/pvc/own-mount.ts';
import { UnreadableStore } from '../../../../src/store/store-error.ts';
import { spelled } from '../../spelled.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const ENV = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443', HOSTNAME: 'nightly-1' };

interface Inside {
  mounts?: JsonObject[];
  folder?: string[];
  server?: string;
  env?: NodeJS.ProcessEnv;
  namespace?: string;
  mounted?: string[];
  get?: () => Promise<JsonObject | undefined>;
}

/** In the pod nightly-1 of namespace ops, which mounts the claim backups. */
async function inPod(t: TestContext, inside: Inside): Promise<string | undefined> {
  const account = await temporaryFolder(t);
  await writeFile(join(account, 'token'), 'x');
  await writeFile(join(account, 'namespace'), 'ops\n');
  const pod: JsonObject = {
    metadata: { name: 'nightly-1' },
    spec: {
      containers: [
        { name: 'side', volumeMounts: [{ name: 'v', mountPath: '/elsewhere' }] },
        { name: 'backup', volumeMounts: inside.mounts ?? [{ name: 'v', mountPath: '/backup/' }] },
      ],
      volumes: [
        { name: 'v', persistentVolumeClaim: { claimName: 'backups' } },
        { name: 'w', persistentVolumeClaim: { claimName: 'other' } },
      ],
    },
  };
  const get = async ({ name, namespace }: { name: string; namespace?: string }) =>
    name === 'nightly-1' && namespace === 'ops' ? pod : undefined;
  const kube = { server: inside.server ?? 'https://10.0.0.1:443', get: inside.get ?? get };
  return ownMount({
    place: { namespace: inside.namespace ?? 'ops', claim: 'backups', folder: inside.folder ?? [] },
    kube: kube as unknown as KubeClient,
    env: inside.env ?? ENV,
    location: 'pvc://ops/backups',
    serviceAccount: account,
    mountPoints: async () => new Set(inside.mounted ?? ['/', '/backup']),
  });
}

describe('the folder of a claim in the pod that mounts it', () => {
  test('is where this very container has it', async (t) => {
    assert.equal(await inPod(t, {}), '/backup');
    assert.equal(await inPod(t, { folder: ['eu', 'prod'] }), '/backup/eu/prod');
    assert.equal(await inPod(t, { mounted: ['/elsewhere'] }), '/elsewhere');
  });

  test('is counted from the part that is mounted', async (t) => {
    const mounts = [{ name: 'v', mountPath: '/backup', subPath: 'eu' }];
    assert.equal(await inPod(t, { mounts, folder: ['eu', 'prod'] }), '/backup/prod');
    assert.equal(await inPod(t, { mounts, folder: ['us'] }), undefined);
    assert.equal(await inPod(t, { mounts }), undefined, 'the root is not there');
  });

  test('is nowhere outside of such a pod', async (t) => {
    assert.equal(await inPod(t, { env: { HOSTNAME: 'nightly-1' } }), undefined, 'no cluster around');
    assert.equal(await inPod(t, { server: 'https://other:6443' }), undefined, 'another cluster is in use');
    assert.equal(await inPod(t, { namespace: 'shop' }), undefined, 'a claim of another namespace');
    assert.equal(
      await inPod(t, { mounts: [{ name: 'w', mountPath: '/backup' }] }),
      undefined,
      'another claim',
    );
    assert.equal(await inPod(t, { mounted: ['/'] }), undefined, 'another container of the pod');
    assert.equal(await inPod(t, { env: { ...ENV, HOSTNAME: 'x' } }), undefined, 'no such pod');
  });

  test('is not guessed where the own pod may not be read', async (t) => {
    const refusal = {
      status: 403,
      reason: 'Forbidden',
      message: 'pods "nightly-1" is forbidden: User "u" cannot get resource "pods" in API group ""',
    };
    const call = { verb: 'get', group: '', resource: 'pods' };
    await assert.rejects(inPod(t, { get: () => Promise.reject(new ApiError(refusal, call)) }), (error) => {
      assert.ok(error instanceof UnreadableStore);
      assert.match(
        error.message,
        /whether this pod mounts its claim can't be told .*cannot get resource "pods"/,
      );
      assert.match(spelled(error.next), /get pods in namespace ops/);
      return true;
    });
  });
});
