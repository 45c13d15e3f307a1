import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { findInCluster } from '../../kube/in-cluster.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import { UnreadableStore } from '../store-error.ts';
import { volumesOfClaim } from './pod/helper-pod.ts';
import type { PvcPlace } from './pvc-location.ts';

/** Where a claim's folder lies in the pod that this process runs in. */
export interface OwnMountQuestion {
  place: PvcPlace & { namespace: string };
  kube: KubeClient;
  env: NodeJS.ProcessEnv;
  /** As the user named the store. */
  location: string;
  /** Tests replace them: what the kubelet mounts for the service account, and what is mounted at all. */
  serviceAccount?: string;
  mountPoints?: () => Promise<ReadonlySet<string>>;
}

/**
 * The folder of a claim that is mounted in this very container; undefined where none is, outside of a pod, and where the
 * cluster in use is another one. RBAC: get on the own pod.
 * @throws UnreadableStore where the own pod may not be read.
 */
export async function ownMount(question: OwnMountQuestion): Promise<string | undefined> {
  const { place, kube, env, location, serviceAccount, mountPoints = ownMountPoints } = question;
  const inCluster = await findInCluster(env, serviceAccount);
  if (inCluster?.namespace !== place.namespace || inCluster.server !== kube.server) return undefined;
  const name = env.POD_NAME || env.HOSTNAME || hostname();
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: place.namespace, name };
  let pod: KubeObject | undefined;
  try {
    pod = await kube.get(ref);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new UnreadableStore(
      `can't reach the store ${location}: whether this pod mounts its claim can't be told (${error.message})`,
      {
        next: `allow the pod's service account to get pods in namespace ${place.namespace}, or name the folder: --store /PATH`,
        cause: error,
      },
    );
  }
  if (pod === undefined) return undefined;
  const mounted = await mountPoints();
  return foldersIn(pod, place).find(({ mountPath }) => mounted.has(mountPath))?.folder;
}

/** What a pod's containers mount of a claim, as far as the place lies in it. */
function foldersIn(pod: KubeObject, place: PvcPlace): { mountPath: string; folder: string }[] {
  const volumes = volumesOfClaim(pod, place.claim);
  return arrayAt(pod, 'spec', 'containers')
    .flatMap((container) => arrayAt(container, 'volumeMounts'))
    .filter(
      (mount) =>
        volumes.includes(stringAt(mount, 'name') ?? '') && stringAt(mount, 'subPathExpr') === undefined,
    )
    .flatMap((mount) => {
      const mountPath = stringAt(mount, 'mountPath')?.replace(/(?<=.)\/+$/, '');
      const above = (stringAt(mount, 'subPath') ?? '').split('/').filter((part) => part !== '');
      if (mountPath === undefined || above.some((part, at) => part !== place.folder[at])) return [];
      return [{ mountPath, folder: join(mountPath, ...place.folder.slice(above.length)) }];
    });
}

/** The fifth field of each line, whose blanks are written in octal (proc_pid_mountinfo(5)). */
async function ownMountPoints(): Promise<ReadonlySet<string>> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')).split('\n');
  return new Set(
    lines.map((line) =>
      (line.split(' ')[4] ?? '').replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    ),
  );
}
