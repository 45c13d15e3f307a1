import type { LiveRelease } from '../../kube/read-release.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import type { Journal } from '../../model/records/journal.ts';
import { tunedBy } from '../../model/records/journal.ts';
import { settingText } from '../../output/setting-text.ts';
import { type PodChange, podChanges } from '../plan/runtime-changes.ts';

/**
 * What brings the servers back that a restore had sent other settings to: of the pods that still live, each setting that is as the
 * restore left it. One that was changed since stays. Pure.
 */
export function tuneBack(journal: Journal, live: LiveRelease, livePods: readonly PodSettings[]): PodChange[] {
  const tuned = tunedBy(journal);
  return podChanges(live, livePods, (pod, uid) =>
    (tuned.get(uid) ?? []).flatMap(({ key, from, to }) => {
      const actual = pod.stats?.[key];
      return actual === to && from !== to ? [{ key, expected: from, actual }] : [];
    }),
  );
}

/** Of those pods, what somebody changed since, a line each. */
export function tunedSince(journal: Journal, live: LiveRelease, livePods: readonly PodSettings[]): string[] {
  const tuned = tunedBy(journal);
  const lines: string[] = [];
  podChanges(live, livePods, (pod, uid) => {
    for (const { key, from, to } of tuned.get(uid) ?? []) {
      const actual = pod.stats?.[key];
      if (actual === undefined || actual === to || actual === from) continue;
      lines.push(
        `${key} of pod/${pod.name} was changed since, to ${settingText(key, actual)}, and stays: before the restore it was ${settingText(key, from)}`,
      );
    }
    return [];
  });
  return lines;
}
