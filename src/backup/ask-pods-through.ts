import type { KubeClient } from '../kube/client.ts';
import { livePodTargets, loginsOfLive } from '../kube/live-pods.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { askPods, type PodAnswer } from '../memcached/ask-pods.ts';
import type { PodSettings, Skipped } from '../model/records/backup-format.ts';
import type { LoginsOf } from '../model/settings/auth-file.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import { dialPods } from './dial-pods.ts';

/** Longest conversation with one pod, in milliseconds. A pod that says nothing must not hold a command up. */
export const POD_DEADLINE_MS = 5_000;

/**
 * Asks pods of the cluster, by port-forward, what they run with. A pod that does not answer in time is recorded with the
 * reason.
 * @param canary also store, read and delete a random key.
 * @param look also ask what they have counted.
 * @param loginsOf who may talk to those that answer nobody else.
 * @returns also the permissions for want of which a pod could not be asked.
 */
export async function askPodsThrough(
  kube: KubeClient,
  targets: PodTarget[],
  {
    canary = false,
    look = false,
    loginsOf = () => [],
  }: { canary?: boolean; look?: boolean; loginsOf?: LoginsOf } = {},
): Promise<{ answers: PodAnswer[]; denied: readonly Skipped[] }> {
  const { dial, denied } = dialPods(kube);
  const answers = await askPods(targets, dial, { timeoutMs: POD_DEADLINE_MS, canary, look, loginsOf });
  return { answers, denied };
}

/** What the memcached pods of a live release say that they run with. */
export async function settingsOfLivePods(kube: KubeClient, live: LiveRelease): Promise<PodSettings[]> {
  const { answers } = await askPodsThrough(kube, livePodTargets(live), { loginsOf: loginsOfLive(live) });
  return answers.map(({ settings }) => settings);
}
