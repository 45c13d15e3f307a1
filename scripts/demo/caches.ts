import type { JsonObject } from '../../src/model/json/json.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import type { Kubectl } from '../../test/e2e/support/kubectl.ts';
import { fillCache, itemCount, podsOf, statsSettings } from '../../test/e2e/support/memcached.ts';

/** Puts `keys` keys into every pod and returns the pods. */
export async function fillCaches(kubectl: Kubectl, release: string, keys: number): Promise<JsonObject[]> {
  const pods = await podsOf(kubectl, release);
  await Promise.all(pods.map((pod) => fillCache(kubectl, pod, keys)));
  return pods;
}

/** How many of `pods` are gone or hold no key any more. */
export async function emptied(kubectl: Kubectl, release: string, pods: JsonObject[]): Promise<number> {
  const alive = new Set((await podsOf(kubectl, release)).map(nameOf));
  const counts = await Promise.all(pods.map((pod) => (alive.has(nameOf(pod)) ? itemCount(kubectl, pod) : 0)));
  return counts.filter((count) => count === 0).length;
}

/** How many pods say of themselves what `wanted` says. */
export async function settingsRight(
  kubectl: Kubectl,
  release: string,
  wanted: Record<string, string>,
): Promise<{ pods: number; of: number }> {
  const settings = await statsSettings(kubectl, release);
  const right = settings.filter((pod) => Object.entries(wanted).every(([key, value]) => pod[key] === value));
  return { pods: right.length, of: settings.length };
}
