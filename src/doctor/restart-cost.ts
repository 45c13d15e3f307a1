import type { KubeClient } from '../kube/client.ts';
import type { EmptyingCost } from '../model/cache/emptying-cost.ts';
import type { Repair } from '../model/findings/finding.ts';
import { podTargets } from '../model/settings/pod-settings.ts';
import { measureCost } from '../restore/plan/emptying-cost.ts';
import { readWorkload } from '../restore/pods/read-workload.ts';

/** What the restarts of a repair cost; undefined where it restarts nothing. */
export async function costOfRestarts(
  kube: KubeClient,
  { steps }: Repair,
): Promise<{ cost: EmptyingCost; caches: number } | undefined> {
  const restarts = steps.flatMap((step) => (step.action === 'restart' ? [step] : []));
  if (restarts.length === 0) return undefined;
  const workloads = await Promise.all(restarts.map(({ ref }) => readWorkload(kube, ref)));
  const targets = workloads.flatMap((now) =>
    now === undefined ? [] : podTargets([now.workload], now.replicaSets, now.pods),
  );
  const emptied = restarts.map(({ pods }) => ({ pods: pods.map(({ name }) => name), count: pods.length }));
  const caches = emptied.reduce((sum, { count }) => sum + count, 0);
  return { cost: await measureCost(kube, emptied, targets), caches };
}
