import type { JsonObject } from '../../../model/json/json.ts';
import { arrayAt, stringAt } from '../../../model/json/json.ts';
import { type KubeObject, labelsOf, nameOf, uidOf } from '../../../model/kubernetes/object.ts';
import { SERVER_COMMAND, SERVER_PORT } from '../wire/protocol.ts';

/** It ends by itself soon after its client; this is for what keeps it from that. A restore that waits for a rollout is shorter. */
const DEADLINE_SECONDS = 60 * 60;

/** The user and group of the tool's image (nonroot); the volume is given to the group. */
const USER = 65532;

/** Where the claim is mounted in the pod. */
const MOUNT = '/store';

export const HELPER_CONTAINER = 'store-server';

/** The marks of every such pod, by which those that ended are found and removed. */
const LABELS = {
  'app.kubernetes.io/name': 'memcached-backup',
  'app.kubernetes.io/component': 'store-server',
  'app.kubernetes.io/managed-by': 'memcached-backup',
};

/** Where a pod must run, and what it must bear there. */
export interface Place {
  node: string;
  /** Those of the pod that is there, whose node's taints the other has to bear as well. */
  tolerations: JsonObject[];
}

export interface WantedHelper {
  name: string;
  claim: KubeObject;
  /** Folders from the claim's root to the store. */
  folder: readonly string[];
  image: string;
  /** sha256 of the token, hex. What the pod's text shows lets nobody in. */
  tokenDigest: string;
  /** undefined: wherever the scheduler puts it. */
  place: Place | undefined;
}

/**
 * The pod that mounts a claim and serves the store in it. It passes Pod Security `restricted`, has no credentials of the
 * cluster, and goes with the claim, which owns it.
 */
export function helperPod({ name, claim, folder, image, tokenDigest, place }: WantedHelper): KubeObject {
  const namespace = stringAt(claim, 'metadata', 'namespace') ?? '';
  const args = [
    SERVER_COMMAND,
    '--folder',
    [MOUNT, ...folder].join('/'),
    '--port',
    String(SERVER_PORT),
    '--token-sha256',
    tokenDigest,
  ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { ...LABELS },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: nameOf(claim), uid: uidOf(claim) ?? '' },
      ],
    },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: DEADLINE_SECONDS,
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        // Else every start walks through all backups.
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(place === undefined ? {} : placed(place)),
      containers: [
        {
          name: HELPER_CONTAINER,
          image,
          args,
          // Why it ended is then in the pod's status: nobody needs to read logs.
          terminationMessagePolicy: 'FallbackToLogsOnError',
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: {
            requests: { cpu: '50m', memory: '64Mi' },
            limits: { cpu: '1', memory: '256Mi' },
          },
          volumeMounts: [{ name: 'store', mountPath: MOUNT }],
        },
      ],
      volumes: [{ name: 'store', persistentVolumeClaim: { claimName: nameOf(claim) } }],
    },
  };
}

/** By affinity, not by nodeName: the scheduler then still says what stands against it. */
function placed({ node, tolerations }: Place): JsonObject {
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }];
  return {
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
    },
    tolerations,
  };
}

/** Whether a pod is one of these. */
export function isHelper(pod: KubeObject): boolean {
  const labels = labelsOf(pod);
  return Object.entries(LABELS).every(([key, value]) => labels[key] === value);
}

/** Whether a pod has ended, and only its object is left. */
export function hasEnded(pod: KubeObject): boolean {
  return ['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase') ?? '');
}

/** Whether a pod has the claim among its volumes. */
export function mountsClaim(pod: KubeObject, claim: string): boolean {
  return volumesOfClaim(pod, claim).length > 0;
}

/** The names that a pod gives to the volumes of a claim. */
export function volumesOfClaim(pod: KubeObject, claim: string): string[] {
  return arrayAt(pod, 'spec', 'volumes').flatMap((volume) =>
    stringAt(volume, 'persistentVolumeClaim', 'claimName') === claim ? (stringAt(volume, 'name') ?? []) : [],
  );
}
