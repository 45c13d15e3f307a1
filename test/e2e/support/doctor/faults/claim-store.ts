import type { JsonObject } from '../../../../../src/model/json/json.ts';
import { stringAt } from '../../../../../src/model/json/json.ts';
import type { TestCluster } from '../../../../cluster/cluster.ts';
import { aClaim, type ClaimWish } from '../../a-claim.ts';
import type { TestNamespace } from '../../namespace.ts';

/** Where a fault is planted. */
export interface ClaimPlace extends TestNamespace {
  cluster: TestCluster;
  /** What goes away with it. */
  stack: AsyncDisposableStack;
  /** The tool's image, in the node. */
  image: string;
}

/** Something that is wrong with a store on a claim, brought about on the real cluster. */
export interface ClaimStoreFault {
  name: string;
  /** What doctor makes of it. */
  code: string;
  /** What the evidence says. */
  says: RegExp;
  /** What of the commands to paste. */
  fix: RegExp;
  /** @returns the store's location, and the image of its pod. */
  plant(place: ClaimPlace): Promise<{ location: string; image: string }>;
}

/** One fault for each code. */
export const CLAIM_STORE_FAULTS: readonly ClaimStoreFault[] = [
  {
    name: 'an image that is not this tool',
    code: 'MB369',
    says: /can't reach the store pvc:\S+: its pod (?:ended|does not start)/,
    fix: /--helper-image/,
    plant: async (place) => {
      await claimed(place, { name: 'other-image' });
      return { ...at(place, 'other-image'), image: place.cluster.images.memcached };
    },
  },
  {
    name: 'a claim that nobody made',
    code: 'MB395',
    says: /there is no claim backups-of-yore in namespace /,
    fix: /^see which there are: kubectl get pvc -n /,
    plant: async (place) => at(place, 'backups-of-yore'),
  },
  {
    name: 'a claim that no volume fits',
    code: 'MB396',
    says: /its claim has no volume \(.*(?:PersistentVolumeClaims|no persistent volumes)/i,
    fix: /^kubectl describe pvc pending -n /,
    plant: async (place) => {
      await place.kubectl.objects.create({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'pending' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: '',
          resources: { requests: { storage: '1Gi' } },
        },
      });
      return at(place, 'pending');
    },
  },
  {
    name: 'a claim for one pod, which has it',
    code: 'MB397',
    says: /pod\/holder has its claim, which is for one pod alone \(ReadWriteOncePod\)/,
    fix: /kubectl get pod holder -n /,
    plant: async (place) => {
      await claimed(place, { name: 'held', accessMode: 'ReadWriteOncePod' });
      await place.kubectl.objects.create(holderOf('held', place.cluster.images.memcached));
      await place.kubectl.objects.until('pod/holder', ([pod]) => {
        if (stringAt(pod, 'status', 'phase') !== 'Running') throw new Error('the holder does not run yet');
      });
      return at(place, 'held');
    },
  },
  {
    name: 'an image that is in no registry',
    code: 'MB398',
    says: /the image localhost\/nowhere:1 of its pod can't be pulled \((?:ErrImagePull|ImagePullBackOff): /,
    fix: /--helper-image IMAGE/,
    plant: async (place) => {
      await claimed(place, { name: 'no-image' });
      return { ...at(place, 'no-image'), image: 'localhost/nowhere:1' };
    },
  },
  {
    name: 'a volume that does not heed fsGroup',
    code: 'MB399',
    says: /permission denied: its volume does not belong to group 65532/,
    fix: /kubectl get pv /,
    plant: async (place) => {
      await claimed(place, { name: 'of-root', kind: 'host' });
      return at(place, 'of-root');
    },
  },
];

async function claimed(place: ClaimPlace, wish: ClaimWish): Promise<void> {
  place.stack.use(await aClaim(place.cluster, place, wish));
}

function at({ namespace, image }: ClaimPlace, claim: string): { location: string; image: string } {
  return { location: `pvc://${namespace}/${claim}`, image };
}

function holderOf(claimName: string, image: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'holder' },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'holder',
          image,
          command: ['sleep', '600'],
          volumeMounts: [{ name: 'it', mountPath: '/it' }],
        },
      ],
      volumes: [{ name: 'it', persistentVolumeClaim: { claimName } }],
    },
  };
}
