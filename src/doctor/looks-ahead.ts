import { isDeepStrictEqual } from 'node:util';
import type { Inventory } from '../kube/inventory.ts';
import { likelyPods, likelyReleases, livePodTargets, loginsOfLive } from '../kube/live-pods.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import type { PodLooks } from '../memcached/observe-pods.ts';
import type { LoginsOf } from '../model/settings/auth-file.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';

/** Releases whose pods are looked at before it is certain which these are: enough for what people name. */
const AHEAD = 4;

/** Looks at pods. */
export type Look = (targets: readonly PodTarget[], loginsOf: LoginsOf) => PodLooks;

/**
 * Looks at the pods that releases seem to have, begun while Helm's records say nothing yet: the time between the two looks
 * passes with what is read and judged meanwhile. A release that turns out to have others, or other logins, is looked at anew.
 */
export class LooksAhead {
  readonly #look: Look;
  readonly #begun: { targets: readonly PodTarget[]; logins: unknown[]; looks: PodLooks }[] = [];

  constructor(look: Look) {
    this.#look = look;
  }

  /**
   * @param inventory with the lists of POD_KINDS.
   * @param names of the releases that are wanted in a namespace; all that are found where empty.
   */
  begin(inventory: Inventory, namespace: string, names: readonly string[]): void {
    const releases =
      names.length === 0
        ? likelyReleases(inventory, namespace)
        : [...new Set(names)].map((release) => ({ namespace, release }));
    if (releases.length > AHEAD) return;
    for (const release of releases) {
      const { targets, loginsOf } = likelyPods(inventory, release);
      if (targets.length === 0) continue;
      const looks = this.#look(targets, loginsOf);
      this.#begun.push({ targets, logins: targets.map(loginsOf), looks });
    }
  }

  /** The looks at the pods of a release: those that were begun, else new ones. */
  of(live: LiveRelease): PodLooks {
    const targets = livePodTargets(live);
    const loginsOf = loginsOfLive(live);
    const begun = this.#begun.find((each) => isDeepStrictEqual(each.targets, targets));
    return begun !== undefined && isDeepStrictEqual(begun.logins, targets.map(loginsOf))
      ? begun.looks
      : this.#look(targets, loginsOf);
  }
}
