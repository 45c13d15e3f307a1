import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimited } from '../../../errors/map-limited.ts';
import { hitRatioOf } from '../../../model/cache/cache-counters.ts';
import { type CountersAt, isHardlyRead, recentTraffic } from '../../../model/cache/recent-traffic.ts';
import { displayName, type KubeObject, nameOf, refOf, uidOf } from '../../../model/kubernetes/object.ts';
import type { Wait } from '../../../output/io.ts';
import type { OldRatios } from './old-ratios.ts';
import type { LookAtPod, Pace, PacedPod } from './pace.ts';

const INTERVAL_MS = 1000;
/** How long a pod may be asked nothing before nobody waits for more, milliseconds. */
const IDLE_MS = 5000;
/** Looks in a row that a pod may leave without an answer. */
const MOST_SILENT = 5;
const AT_ONCE = 16;

export interface WarmUpOptions {
  look: LookAtPod;
  pace: Pace;
  old: OldRatios;
  /** Between two looks at a new pod, milliseconds. */
  everyMs?: number;
  signal: AbortSignal;
  onProgress(line: string, wait?: Wait): void;
  /** Told of each pod when no more is waited for it. */
  onPaced(paced: PacedPod): void;
}

/** The new pods of one workload, from when each is ready until its cache is as good as the old ones were. */
export class WarmUp {
  readonly #options: WarmUpOptions;
  /** By uid: what is known of a pod that is not waited for any more. One that was hardly read is looked at again. */
  readonly #paced = new Map<string, PacedPod>();

  constructor(options: WarmUpOptions) {
    this.#options = options;
  }

  /** Waits for ready pods, all at once, those that were waited for before left out; no longer than until the signal. */
  async wait(workload: KubeObject, pods: readonly KubeObject[]): Promise<void> {
    const open = pods.filter((pod) => {
      const before = this.#paced.get(uidOf(pod) ?? '');
      return before === undefined || before.outcome === 'hardly-read';
    });
    await mapLimited(open, AT_ONCE, async (pod) => {
      const paced = await this.#waitFor(workload, pod);
      if (paced === undefined) return;
      const isKnown = this.#paced.get(uidOf(pod) ?? '')?.outcome === paced.outcome;
      this.#paced.set(uidOf(pod) ?? '', paced);
      if (!isKnown) this.#options.onPaced(paced);
    });
  }

  /** @returns undefined where it was interrupted. */
  async #waitFor(workload: KubeObject, pod: KubeObject): Promise<PacedPod | undefined> {
    const { look, pace, old, everyMs = INTERVAL_MS, signal, onProgress } = this.#options;
    const since = Date.now();
    const wait: Wait = { since, limitMs: pace.timeoutMs };
    const oldHitRatio = old.of(nameOf(pod));
    const end = (outcome: PacedPod['outcome'], hitRatio?: number): PacedPod => ({
      pod: refOf(pod),
      workload: refOf(workload),
      outcome,
      ...(oldHitRatio === undefined ? {} : { oldHitRatio }),
      ...(hitRatio === undefined ? {} : { hitRatio }),
      seconds: Math.round((Date.now() - since) / 100) / 10,
    });
    // Whose predecessors were asked nothing has nothing to be back at.
    if (oldHitRatio === undefined) return end(old.isCounted ? 'hardly-read' : 'not-counted');
    const name = displayName(refOf(pod));
    const looks: CountersAt[] = [];
    let silent = 0;
    while (!signal.aborted) {
      const at = await look(workload, pod);
      if (at === undefined) silent++;
      else {
        silent = 0;
        looks.push(at);
      }
      const traffic = recentTraffic(looks);
      const ratio = traffic && hitRatioOf(traffic);
      if (ratio !== undefined && ratio >= pace.hitRatio * oldHitRatio) return end('warm', ratio);
      if (isHardlyRead(looks, IDLE_MS)) return end('hardly-read');
      if (silent === MOST_SILENT) return end('not-counted');
      if (Date.now() - since >= pace.timeoutMs) return end('timed-out', ratio);
      onProgress(
        `${name} has ${ratio === undefined ? 'hardly been read' : `a hit ratio of ${percent(ratio)}`}; it goes on at ${percent(pace.hitRatio * oldHitRatio)}`,
        wait,
      );
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
    return undefined;
  }
}

/** "93 %" */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
