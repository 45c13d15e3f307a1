import type { RestoreSource } from '../../../backup/source.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { LiveRelease } from '../../../kube/read-release.ts';
import { heldForm } from '../../../model/kubernetes/held-rollout.ts';
import { displayName, type KubeObject, keyOf, type ObjectRef } from '../../../model/kubernetes/object.ts';
import type { Plan } from '../../../model/plan/plan.ts';
import type { Progress } from '../../../output/io.ts';
import type { JournaledWrites } from '../../journal/journaled-writes.ts';
import type { ApplyContext, HeldObject } from '../../write/apply.ts';
import { writeOver } from '../../write/apply.ts';
import { giveOwnershipBack } from '../../write/give-ownership-back.ts';
import { heldInWords, type Writes } from '../../writes.ts';
import type { RestartOptions } from '../restart.ts';
import type { RolloutOutcome } from '../wait.ts';
import { CarryItems } from './carry-items.ts';
import { cacheOpener, lookThrough } from './look-at-pod.ts';
import { type OldRatios, readOldRatios } from './old-ratios.ts';
import type { LookAtPod, PacedPod } from './pace.ts';
import { pacedInWords } from './paced-in-words.ts';
import { paceRestart, paceRollout } from './paced-rollout.ts';
import { WarmUp } from './warm-up.ts';

export interface PacingWork {
  kube: KubeClient;
  source: RestoreSource;
  live: LiveRelease;
  paced: NonNullable<Plan['paced']>;
  journaled: JournaledWrites;
  writes: Pick<Writes, 'held' | 'onDone'>;
  /** For each pod to become ready, milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
  onProgress: Progress['update'];
  warn(line: string): void;
}

/**
 * A restore's way of replacing pods one by one. What the plan writes over a workload, and what would replace its pods, is written
 * held first; its pods are replaced; then it is written as the plan says. Each of these writes is in the journal, so that
 * whatever cuts it off, undo and the next restore know a held workload as this one's.
 */
export class Pacing {
  readonly #work: PacingWork;
  readonly #look: LookAtPod;
  readonly #carry: CarryItems | undefined;
  readonly #held: HeldObject[] = [];
  readonly #paced: PacedPod[] = [];
  #old: ReadonlyMap<string, OldRatios> = new Map();

  constructor(work: PacingWork) {
    this.#work = work;
    const open = cacheOpener(work);
    this.#look = lookThrough(open);
    this.#carry = work.paced.warmFromOld === true ? new CarryItems(work.kube, open, work) : undefined;
  }

  /** What a restore's end tells of it. */
  get report(): { paced: PacedPod[] } {
    return { paced: this.#paced };
  }

  /** Looks at the caches that are to go: before anything is written, for then they are as they were. */
  async lookBefore(): Promise<void> {
    const { kube, paced, signal, onProgress } = this.#work;
    this.#old = await readOldRatios(kube, paced.workloads, this.#look, { signal, onProgress });
  }

  /** For those who write the plan. */
  get holds(): Required<Pick<ApplyContext, 'heldForm' | 'onHeld'>> {
    const { journaled, writes } = this.#work;
    return {
      heldForm: ({ ref, raw }) => (this.#isPaced(ref) ? heldForm(raw, journaled.manager) : undefined),
      onHeld: (held) => {
        this.#held.push(held);
        writes.held.push(held.object.ref);
        writes.onDone?.(heldInWords(held.object.ref));
      },
    };
  }

  /** Restarts the pods of a workload that stays as it is. */
  restart(
    ref: ObjectRef,
    options: Pick<RestartOptions, 'timeoutMs' | 'signal' | 'onProgress'>,
  ): Promise<RolloutOutcome | undefined> {
    return paceRestart(this.#work.kube, ref, { ...options, ...this.#carrying, warmUp: this.#warmUp(ref) });
  }

  /**
   * Replaces the pods of what is held, and writes it as it is meant.
   * @returns where it stood when a pod was not ready in time: its workload stays held then, and no further pod goes.
   */
  async replaceHeld(mayGoOn: () => Promise<void>): Promise<RolloutOutcome | undefined> {
    const { kube, timeoutMs, signal, onProgress, writes, journaled } = this.#work;
    for (const held of [...this.#held]) {
      const { object } = held;
      const late = await paceRollout(kube, held, {
        timeoutMs,
        signal,
        onProgress,
        warmUp: this.#warmUp(object.ref),
        ...this.#carrying,
        write: (given, form) => this.#write(given, form),
      });
      if (signal.aborted) return undefined;
      if (late !== undefined) return { ...late, obstacles: [...late.obstacles, heldInWords(object.ref)] };
      await mayGoOn();
      await this.#write(held, object.raw);
      writes.held.splice(
        0,
        writes.held.length,
        ...writes.held.filter((ref) => keyOf(ref) !== keyOf(object.ref)),
      );
      writes.onDone?.(`${displayName(object.ref)} is held no more`);
      await giveOwnershipBack(kube, object, held.written, journaled.manager);
    }
    return undefined;
  }

  async #write(held: HeldObject, form: KubeObject): Promise<void> {
    const { ref } = held.object;
    held.written = await writeOver({ ref, raw: form }, held.written, this.#work);
  }

  get #carrying(): { carry?: CarryItems } {
    return this.#carry === undefined ? {} : { carry: this.#carry };
  }

  #isPaced(ref: ObjectRef): boolean {
    return this.#work.paced.workloads.some((workload) => keyOf(workload) === keyOf(ref));
  }

  #warmUp(ref: ObjectRef): WarmUp {
    const { paced, signal, onProgress, writes } = this.#work;
    const pace = { hitRatio: paced.hitRatio, timeoutMs: paced.timeoutSeconds * 1000 };
    return new WarmUp({
      look: this.#look,
      pace,
      old: this.#old.get(keyOf(ref)) ?? { of: () => undefined, isCounted: true },
      signal,
      onProgress,
      onPaced: (waited) => {
        const carried = this.#carry?.carried.get(waited.pod.name);
        const pod = carried === undefined ? waited : { ...waited, carried };
        this.#paced.push(pod);
        writes.onDone?.(pacedInWords(pod));
      },
    });
  }
}
