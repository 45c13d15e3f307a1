import { dialPods } from '../../../backup/dial-pods.ts';
import { POD_DEADLINE_MS } from '../../../backup/pod-deadline.ts';
import type { RestoreSource } from '../../../backup/source.ts';
import { ToolError } from '../../../errors/tool-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { LiveRelease } from '../../../kube/read-release.ts';
import type { MemcachedClient } from '../../../memcached/memcached-client.ts';
import { MemcachedError } from '../../../memcached/memcached-error.ts';
import { openPodAs } from '../../../memcached/open-pod.ts';
import { cacheCounters } from '../../../model/cache/cache-counters.ts';
import { objectAt } from '../../../model/json/json.ts';
import { type KubeObject, refOf } from '../../../model/kubernetes/object.ts';
import { loginsOfPods } from '../../../model/settings/auth-file.ts';
import { memcachedContainer } from '../../../model/settings/memcached-container.ts';
import { describePod } from '../../../model/settings/pod-settings.ts';
import { loginFinders } from '../login-finders.ts';
import type { LookAtPod } from './pace.ts';

/** What is known of who may talk to the pods: what the release has, and what it is to have. */
export interface Known {
  kube: KubeClient;
  source: RestoreSource;
  live: LiveRelease;
}

/** Opens a pod's memcached, as the user that its file of users names where it wants one. @throws as `dial` does, MemcachedError. */
export type OpenCache = (workload: KubeObject, pod: KubeObject) => Promise<MemcachedClient>;

export function cacheOpener({ kube, source, live }: Known): OpenCache {
  const { dial } = dialPods(kube);
  const finders = loginFinders({ source, live });
  return async (workload, pod) => {
    const found = memcachedContainer(objectAt(pod, 'spec') ?? {});
    const { namespace = '', name } = refOf(pod);
    if (found === undefined) throw new ToolError(`pod/${name} has no memcached`);
    const { container, ...ports } = found;
    const known = describePod(workload, pod, container, true);
    const target = { namespace, pod: name, ...ports, known };
    return openPodAs(target, dial, POD_DEADLINE_MS, loginsOfPods([pod], finders)(target));
  };
}

/** One connection a look: a port-forward that stays open ends with its pod, and says so late. */
export function lookThrough(open: OpenCache): LookAtPod {
  return async (workload, pod) => {
    try {
      const client = await open(workload, pod);
      try {
        return { at: performance.now(), counters: cacheCounters(await client.stats()) };
      } finally {
        client.close();
      }
    } catch (error) {
      if (error instanceof MemcachedError || error instanceof ToolError) return undefined;
      throw error;
    }
  };
}
