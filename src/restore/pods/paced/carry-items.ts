import { ToolError } from '../../../errors/tool-error.ts';
import { ApiError } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { copyItems } from '../../../memcached/copy-items.ts';
import type { ItemSpool } from '../../../memcached/item-spool.ts';
import type { AddCounts } from '../../../memcached/items/item-target.ts';
import type { ItemSource } from '../../../memcached/items/read-items.ts';
import type { MemcachedClient } from '../../../memcached/memcached-client.ts';
import { MemcachedError } from '../../../memcached/memcached-error.ts';
import { giveItems, keepItems } from '../../../memcached/move-items.ts';
import { displayName, type KubeObject, type ObjectRef, refOf } from '../../../model/kubernetes/object.ts';
import type { OpenCache } from './look-at-pod.ts';
import type { CarriedItems } from './pace.ts';

/** Items of a pod that is to go, until its successor is there. */
export interface KeptItems {
  from: ObjectRef;
  spool: ItemSpool;
}

/** The pod that a ReplicaSet takes away before any other (Kubernetes, "ReplicaSet", Pod deletion cost). */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const FIRST_TO_GO = '-2147483648';

/**
 * Carries the items of old pods over to those that take their place. What can't be carried leaves the new pod cold, and is said:
 * that is what its hit ratio is waited for.
 */
export class CarryItems {
  /** What each new pod got, by its name. */
  readonly carried = new Map<string, CarriedItems>();
  readonly #kube: KubeClient;
  readonly #open: OpenCache;
  readonly #options: { signal: AbortSignal; onProgress(line: string): void; warn(line: string): void };

  constructor(
    kube: KubeClient,
    open: OpenCache,
    options: { signal: AbortSignal; onProgress(line: string): void; warn(line: string): void },
  ) {
    this.#kube = kube;
    this.#open = open;
    this.#options = options;
  }

  /** Copies from one pod to another while both are there. */
  async copy(workload: KubeObject, old: KubeObject, fresh: KubeObject): Promise<void> {
    const { signal, onProgress } = this.#options;
    await this.#orSay(old, async () => {
      onProgress(`copying the items of ${nameOf(old)} to ${nameOf(fresh)}`);
      await this.#withSource(workload, old, async (source) => {
        const target = await this.#open(workload, fresh);
        try {
          const copied = await copyItems(source, target, { signal });
          this.carried.set(refOf(fresh).name, carriedItems(refOf(old), copied));
        } finally {
          target.close();
        }
      });
    });
  }

  /** Reads a pod's items before it goes; whoever gets them gives them to its successor. */
  async keep(workload: KubeObject, old: KubeObject): Promise<KeptItems | undefined> {
    return this.#orSay(old, async () => {
      this.#options.onProgress(`reading the items of ${nameOf(old)}`);
      return this.#withSource(workload, old, async (source) => ({
        from: refOf(old),
        spool: await keepItems(source),
      }));
    });
  }

  /** Gives kept items to a new pod, or to nobody, where there is none. They are gone then. */
  async give(workload: KubeObject, { from, spool }: KeptItems, fresh: KubeObject | undefined): Promise<void> {
    await using _ended = spool;
    if (fresh === undefined || this.#options.signal.aborted) return;
    await this.#orSay(fresh, async () => {
      this.#options.onProgress(`giving the items of ${displayName(from)} to ${nameOf(fresh)}`);
      await this.#with([await this.#open(workload, fresh)], async ([target]) => {
        this.carried.set(refOf(fresh).name, carriedItems(from, await giveItems(spool, target!)));
      });
    });
  }

  /** Makes a pod the one that its ReplicaSet takes away next. Where that is not allowed, it may be another one. */
  async choose(old: KubeObject): Promise<void> {
    const annotations = (old.metadata as KubeObject | undefined)?.annotations;
    const path = `/metadata/annotations/${DELETION_COST.replace('/', '~1')}`;
    const operation =
      annotations === undefined
        ? { op: 'add' as const, path: '/metadata/annotations', value: { [DELETION_COST]: FIRST_TO_GO } }
        : { op: 'add' as const, path, value: FIRST_TO_GO };
    try {
      await this.#kube.patch(refOf(old), [operation], { fieldManager: 'memcached-backup' });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  async #withSource<T>(
    workload: KubeObject,
    pod: KubeObject,
    work: (source: ItemSource) => Promise<T>,
  ): Promise<T> {
    const list = await this.#open(workload, pod);
    return this.#with([list], async () =>
      this.#with([await this.#open(workload, pod)], ([fetch]) => work({ list, fetch: fetch! })),
    );
  }

  /** Does what is done over connections, which end with it, or at once on a signal. */
  async #with<T>(clients: MemcachedClient[], work: (clients: MemcachedClient[]) => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    const close = (): void => {
      for (const client of clients) client.close();
    };
    if (signal.aborted) close();
    signal.addEventListener('abort', close, { once: true });
    try {
      return await work(clients);
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  }

  async #orSay<T>(pod: KubeObject, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const { signal, warn } = this.#options;
      const isKnown = error instanceof ToolError || error instanceof MemcachedError || isOfFiles(error);
      if (!isKnown) throw error;
      if (!signal.aborted)
        warn(`the items of ${nameOf(pod)} are not carried over: ${(error as Error).message}`);
      return undefined;
    }
  }
}

/** What the target left out for want of room counts as refused. */
function carriedItems(from: ObjectRef, { stored, kept, evicted, refused, leftOut }: AddCounts): CarriedItems {
  const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0);
  return { from, stored, kept, refused: refusals + (leftOut.room ?? 0) + (leftOut.large ?? 0), evicted };
}

function nameOf(pod: KubeObject): string {
  return displayName(refOf(pod));
}

function isOfFiles(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}
