import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Dial } from '../memcached/open-pod.ts';
import type { Skipped } from '../model/records/backup-format.ts';

/** A way to the pods that remembers what one was not permitted to do. */
export interface NotingDial {
  dial: Dial;
  /** One entry, however many pods could not be asked for want of the same permission. */
  readonly denied: Skipped[];
}

/**
 * Connects to pods by port-forward. A pod that is not ready is its own matter; one that may not be asked is
 * something that the backup lacks, with the permission that was missing.
 */
export function dialPods(kube: KubeClient): NotingDial {
  const denied: Skipped[] = [];
  return {
    denied,
    dial: async (namespace, pod, port, timeoutMs) => {
      try {
        return await kube.portForward(namespace, pod, port, timeoutMs);
      } catch (error) {
        if (error instanceof ApiError && error.lacksPermission) note(denied, namespace, error);
        throw error;
      }
    },
  };
}

/** What was not permitted in several ways, each permission once. */
export function deniedAtAll(several: readonly (readonly Skipped[])[]): Skipped[] {
  const byVerb = new Map(several.flat().map((each) => [each.permission?.verb, each]));
  return [...byVerb.values()];
}

function note(denied: Skipped[], namespace: string, error: ApiError): void {
  // The server names the verb that it looked for; which of the two depends on its version.
  const verb = /\bcannot (\w+) resource\b/.exec(error.serverMessage)?.[1] ?? error.call.verb;
  const resource = 'pods/portforward';
  if (denied.some(({ permission }) => permission?.verb === verb)) return;
  denied.push({
    what: 'the settings that the pods run with',
    why: error.message,
    permission: { verb, group: '', resource, namespace },
  });
}
