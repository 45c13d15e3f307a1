import type { KubeClient } from '../kube/client.ts';
import { livePodTargets, loginsOfLive } from '../kube/live-pods.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { askPods, type PodAnswer } from '../memcached/ask-pods.ts';
import type { PodSettings, Skipped } from '../model/records/backup-format.ts';
import type { LoginsOf } from '../model/settings/auth-file.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import { deniedAtAll, dialPods } from './dial-pods.ts';
import type { EarlyAnswers } from './early-answers.ts';
import { POD_DEADLINE_MS } from './pod-deadline.ts';

/**
 * Asks pods of the cluster, by port-forward, what they run with. A pod that does not answer in time is recorded with the
 * reason.
 * @param canary also store, read and delete a random key.
 * @param look also ask what they have counted.
 * @param loginsOf who may talk to those that answer nobody else.
 * @param early those that were asked already, for their settings alone.
 * @returns also the permissions for want of which a pod could not be asked.
 */
export async function askPodsThrough(
  kube: KubeClient,
  targets: PodTarget[],
  {
    canary = false,
    look = false,
    loginsOf = () => [],
    early,
  }: { canary?: boolean; look?: boolean; loginsOf?: LoginsOf; early?: EarlyAnswers } = {},
): Promise<{ answers: PodAnswer[]; denied: readonly Skipped[] }> {
  const { dial, denied } = dialPods(kube);
  const known = targets.map((target) => early?.of(target, loginsOf));
  const others = targets.filter((_, index) => known[index] === undefined);
  const asked = await askPods(others, dial, { timeoutMs: POD_DEADLINE_MS, canary, look, loginsOf });
  const answers = await Promise.all(known.map((answer) => answer?.answering ?? asked.shift()!));
  return { answers, denied: deniedAtAll([...known.map((answer) => answer?.denied ?? []), denied]) };
}

/** What the memcached pods of a live release say that they run with. */
export async function settingsOfLivePods(kube: KubeClient, live: LiveRelease): Promise<PodSettings[]> {
  const { answers } = await askPodsThrough(kube, livePodTargets(live), { loginsOf: loginsOfLive(live) });
  return answers.map(({ settings }) => settings);
}
