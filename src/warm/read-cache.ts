import { kubectl } from '../advice/command.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { livePodTargets, loginsOfLive, ownedWorkloads } from '../kube/live-pods.ts';
import { type LiveRelease, noSuchRelease, readRelease } from '../kube/read-release.ts';
import type { MemcachedCredentials } from '../memcached/memcached-client.ts';
import { objectAt } from '../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../model/kubernetes/object.ts';
import { memcachedContainer } from '../model/settings/memcached-container.ts';
import { describePod, type PodTarget } from '../model/settings/pod-settings.ts';
import type { CommandContext } from '../session/context.ts';

/** A memcached pod that items are read from or written to. */
export interface CachePod {
  target: PodTarget;
  /** Undefined where a pod was named that no workload of the release controls. */
  workload: KubeObject | undefined;
  /** For a memcached that was started with -Y, where its file comes from a Secret or ConfigMap. */
  credentials: MemcachedCredentials | undefined;
}

/** The caches of a release, or a pod's. */
export interface CacheInUse {
  namespace: string;
  /** "cart", "pod/cart-0" */
  name: string;
  /** In the order of their names; those that are ready. */
  pods: CachePod[];
}

/** What the command line names: a release, or a pod. */
export interface CacheName {
  namespace: string;
  name: string;
  isPod: boolean;
}

/** "cart", "other/cart", "pod/cart-0", "other/pod/cart-0" */
export function parseCacheName(text: string, namespace: string): CacheName {
  const words = text.split('/');
  const name = words.pop() ?? '';
  const isPod = /^(?:pod|pods|po)$/.test(words.at(-1) ?? '');
  if (isPod) words.pop();
  return { namespace: words[0] ?? namespace, name, isPod };
}

/**
 * Reads which pods a cache has. Reads only; secrets are masked from then on.
 * @throws ToolError where there is no such release or pod, or where no pod of it serves.
 */
export async function readCache(
  kube: KubeClient,
  { namespace, name, isPod }: CacheName,
  io: CommandContext['io'],
): Promise<CacheInUse> {
  const live = await readRelease(kube, {
    namespace,
    // A pod's Secrets are found beside it, whatever release it is of.
    release: name,
    withoutHistory: true,
  });
  io.mask(live.secretValues);
  if (isPod) return maskedLogins(podCache(live, namespace, name), io);
  const workloads = ownedWorkloads(live);
  const targets = livePodTargets(live);
  const loginsOf = loginsOfLive(live);
  if (targets.length === 0 && workloads.length === 0) throw await noSuchRelease(kube, namespace, name);
  const pods = targets
    .filter(({ known }) => known.ready)
    .map((target): CachePod => {
      const workload = workloads.find((each) => displayName(refOf(each)) === target.known.workload);
      return {
        target,
        workload,
        credentials: loginsOf(target)[0],
      };
    });
  if (pods.length === 0) {
    throw new ToolError(`no pod of ${name} in namespace ${namespace} is ready`, {
      untouched: 'no cache was changed',
      next: kubectl('get', 'pods', '-n', namespace, '-o', 'wide'),
    });
  }
  return maskedLogins({ namespace, name, pods }, io);
}

/** A password is a part of what a Secret holds. */
function maskedLogins(cache: CacheInUse, io: CommandContext['io']): CacheInUse {
  io.mask(cache.pods.flatMap(({ credentials }) => credentials?.password ?? []));
  return cache;
}

function podCache(live: LiveRelease, namespace: string, name: string): CacheInUse {
  const pod = live.find({ apiVersion: 'v1', kind: 'Pod', namespace, name });
  const found = pod === undefined ? undefined : memcachedContainer(objectAt(pod, 'spec') ?? {});
  if (pod === undefined || found === undefined) {
    const what = pod === undefined ? 'there is no' : 'no memcached runs in';
    throw new ToolError(`${what} pod/${name} in namespace ${namespace}`, {
      untouched: 'no cache was changed',
      next: kubectl('get', 'pods', '-n', namespace),
    });
  }
  const { container, ...ports } = found;
  const known = describePod(undefined, pod, container, true);
  const target: PodTarget = { namespace, pod: name, ...ports, known };
  return {
    namespace,
    name: `pod/${name}`,
    pods: [{ target, workload: undefined, credentials: loginsOfLive(live)(target)[0] }],
  };
}
