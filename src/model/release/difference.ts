import { type ObjectDifference, type ObjectSide, objectDifferences } from '../forms/object-difference.ts';
import { type HelmDifference, helmDifference, isHelmChanged } from '../helm/helm-difference.ts';
import type { HelmRevision } from '../helm/helm-release.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { PodSettings } from '../records/backup-format.ts';
import { type SettingsDifference, settingsDifference } from '../settings/settings-difference.ts';

/** A release at one moment: a backup, or the cluster now. */
export interface Side extends ObjectSide {
  /** In headings: "20261122T101500Z", "live". */
  label: string;
  history: HelmRevision[];
  pods: PodSettings[];
  /** What could not be read, a sentence each. */
  unread: string[];
}

/** All that differs between a backup and another state of the same release. Holds no secret value. */
export interface Difference {
  from: string;
  to: string;
  /**
   * "same": nothing differs. "unproven": nothing seems to differ, and something could not be read or asked.
   */
  verdict: 'same' | 'differs' | 'unproven';
  helm: HelmDifference | undefined;
  objects: ObjectDifference[];
  settings: SettingsDifference;
  unread: string[];
}

/** Pure. @param expected see {@link objectDifferences}. */
export function differenceBetween(
  from: Side,
  to: Side,
  expected: ReadonlyMap<string, KubeObject> = new Map(),
): Difference {
  const helm = helmDifference(from.history, to.history);
  const objects = objectDifferences(from, to, expected);
  const workloads = to.objects.map(({ object }) => object);
  const settings = settingsDifference(from.pods, to.pods, workloads);
  const unread = [...from.unread, ...to.unread];
  const differs = isHelmChanged(helm) || objects.length > 0 || settings.rows.some((row) => row.differs);
  const proven = unread.length === 0 && settings.unproven.length === 0;
  return {
    from: from.label,
    to: to.label,
    verdict: differs ? 'differs' : proven ? 'same' : 'unproven',
    helm,
    objects,
    settings,
    unread,
  };
}
