import { type JsonObject, stringAt } from '../../../src/model/json/json.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { instanceFrom } from '../../cluster/instance.ts';
import { intoNode } from '../../cluster/load-image.ts';
import { output } from '../../cluster/run.ts';
import type { Kubectl } from './kubectl.ts';

export interface ClaimWish {
  name?: string;
  accessMode?: string;
  /** As mount(8) takes it: a file system of its own, in memory; without it, a folder of the node. */
  size?: string;
  /** host: a kind of volume that does not heed fsGroup. */
  kind?: 'local' | 'host';
  /** Only the volume, for a claim of this storage class that somebody else makes. */
  forClaimsOf?: string;
}

/** A bound claim, on a folder of the node. It, its volume and the folder go away at the end of its block. */
export interface TestClaim extends AsyncDisposable {
  name: string;
  /** Where its files lie in the node. */
  folder: string;
  /** Runs one of BusyBox's commands in the node. */
  inNode(...command: string[]): Promise<string>;
}

/** Claims for a pod of another user than root want a volume that honours fsGroup: `local` does, the default class does not. */
export async function aClaim(
  cluster: TestCluster,
  { namespace, kubectl }: { namespace: string; kubectl: Kubectl },
  { name = 'backups', accessMode = 'ReadWriteOnce', size, kind = 'local', forClaimsOf }: ClaimWish = {},
): Promise<TestClaim> {
  if (cluster.external) throw new Error('volumes are made in the node of our own cluster only');
  const inNode = (...command: string[]): Promise<string> =>
    output('nsenter', [...intoNode(instanceFrom()), 'busybox', ...command]);
  const volume = `${namespace}-${name}`;
  const folder = `/var/lib/test-volumes/${volume}`;
  await inNode('mkdir', '-p', folder);
  if (size !== undefined) await inNode('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder);
  const [node] = await kubectl.objects.list('nodes');
  const spec = { accessModes: [accessMode], storageClassName: forClaimsOf ?? '' };
  await kubectl.objects.create(volumeOf(volume, folder, kind, nameOf(node!), spec));
  // A claim that comes first is looked at again only after some 15 s.
  await hasPhase(kubectl, `persistentvolume/${volume}`, 'Available');
  if (forClaimsOf === undefined) {
    await kubectl.objects.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace },
      spec: { ...spec, volumeName: volume, resources: { requests: { storage: '64Mi' } } },
    });
    await hasPhase(kubectl, `persistentvolumeclaim/${name}`, 'Bound');
  }
  return {
    name,
    folder,
    inNode,
    [Symbol.asyncDispose]: async () => {
      await kubectl.objects.abandon(`persistentvolumeclaim/${name}`);
      await kubectl.objects.abandon(`persistentvolume/${volume}`);
      if (size !== undefined) await inNode('umount', '-l', folder);
      await inNode('rm', '-rf', folder);
    },
  };
}

function volumeOf(
  name: string,
  path: string,
  kind: 'local' | 'host',
  node: string,
  spec: JsonObject,
): JsonObject {
  const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      ...spec,
      capacity: { storage: '64Mi' },
      persistentVolumeReclaimPolicy: 'Retain',
      ...(kind === 'local'
        ? { local: { path }, nodeAffinity: { required: { nodeSelectorTerms: terms } } }
        : { hostPath: { path } }),
    },
  };
}

async function hasPhase(kubectl: Kubectl, object: string, wanted: string): Promise<void> {
  await kubectl.objects.until(object, ([found]) => {
    const phase = stringAt(found, 'status', 'phase');
    if (phase !== wanted) throw new Error(`${object} is ${phase}`);
  });
}
