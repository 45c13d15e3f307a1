import { type KubeObject, uidOf } from '../../../model/kubernetes/object.ts';
import { isPodReady } from '../../../model/kubernetes/workload.ts';
import type { CarryItems, KeptItems } from './carry-items.ts';

/**
 * Which new pod of a Deployment takes the place of which old one: the next that comes, of the next that goes. The old one is told to go first,
 * for a ReplicaSet would choose otherwise.
 */
export class Succession {
  readonly #carry: CarryItems;
  readonly #isBefore: boolean;
  /** uids of new pods that have what they get, and of old pods whose items were carried over. */
  readonly #done = new Set<string | undefined>();
  #kept: KeptItems | undefined;

  /** @param isBefore a new pod comes while its predecessor is still there. */
  constructor(carry: CarryItems, isBefore: boolean) {
    this.#carry = carry;
    this.#isBefore = isBefore;
  }

  /** New pods are ready. */
  async arrived(
    workload: KubeObject,
    fresh: readonly KubeObject[],
    old: readonly KubeObject[],
  ): Promise<void> {
    for (const pod of fresh) {
      if (this.#done.has(uidOf(pod))) continue;
      this.#done.add(uidOf(pod));
      if (this.#kept !== undefined) {
        const kept = this.#kept;
        this.#kept = undefined;
        await this.#carry.give(workload, kept, pod);
      } else if (this.#isBefore) {
        const next = this.#next(old);
        if (next === undefined) continue;
        this.#done.add(uidOf(next));
        await this.#carry.choose(next);
        await this.#carry.copy(workload, next, pod);
      }
    }
  }

  /** The next old pod is about to go. */
  async leaves(workload: KubeObject, old: readonly KubeObject[]): Promise<void> {
    const next = this.#isBefore ? undefined : this.#next(old);
    if (next === undefined) return;
    this.#done.add(uidOf(next));
    await this.#carry.choose(next);
    this.#kept = await this.#carry.keep(workload, next);
  }

  /** Nobody comes any more. */
  async end(workload: KubeObject): Promise<void> {
    if (this.#kept !== undefined) await this.#carry.give(workload, this.#kept, undefined);
    this.#kept = undefined;
  }

  #next(old: readonly KubeObject[]): KubeObject | undefined {
    return old.find((pod) => isPodReady(pod) && !this.#done.has(uidOf(pod)));
  }
}
