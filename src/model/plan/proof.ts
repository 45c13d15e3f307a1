import type { SettingDifference } from '../settings/settings.ts';

/** What was found out about one pod after a restore. */
export interface PodProof {
  pod: string;
  workload: string;
  /** "equal": its `stats settings` are the backup's. "unknown": it did not say; `why` tells. */
  settings: 'equal' | 'differs' | 'unknown';
  differences: SettingDifference[];
  /** Settings that somebody had changed in the running server before the backup: new pods don't have them. */
  changedLive: SettingDifference[];
  /** A random key was added, read back and deleted. */
  canary: 'passed' | 'failed' | 'unknown';
  why?: string;
}

export interface Proof {
  verdict: 'proved' | 'differs' | 'unproven';
  pods: PodProof[];
  /** Settings that can't be proved, because the backup's own pods disagreed or did not answer. */
  notes: string[];
}

/** What a proof leaves open, a line a pod, then what is said of the whole. */
export function unprovenOf({ pods, notes }: Proof): string[] {
  const open = pods.filter(({ settings }) => settings !== 'equal');
  return [...open.map(({ pod, why }) => `pod/${pod}: ${why ?? 'it did not answer'}`), ...notes];
}
