import type { KubeClient } from '../kube/client.ts';
import { askPods, type PodAnswer } from '../memcached/ask-pods.ts';
import type { MemcachedCredentials } from '../memcached/memcached-client.ts';
import type { Skipped } from '../model/records/backup-format.ts';
import type { LoginsOf } from '../model/settings/auth-file.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import { dialPods } from './dial-pods.ts';
import { POD_DEADLINE_MS } from './pod-deadline.ts';

/** Pods asked before it is known for sure which ones are wanted: enough to hide the round trips of ordinary releases. */
const EARLY = 16;

/** An answer that is on its way. */
export interface EarlyAnswer {
  /** Rejects never. */
  answering: Promise<PodAnswer>;
  /** Once it is there: the permissions for want of which the pod could not be asked. */
  denied: readonly Skipped[];
}

interface Asked extends EarlyAnswer {
  target: PodTarget;
  logins: readonly MemcachedCredentials[];
}

/** What pods of a release said while the rest of it was still being read. Of those that turn out not to be wanted nothing is told. */
export class EarlyAnswers {
  readonly #kube: KubeClient;
  readonly #asked: Asked[] = [];

  constructor(kube: KubeClient) {
    this.#kube = kube;
  }

  /** Asks them, and waits for nothing. */
  ask(targets: readonly PodTarget[], loginsOf: LoginsOf): void {
    for (const target of targets.slice(0, EARLY)) {
      const { dial, denied } = dialPods(this.#kube);
      const logins = loginsOf(target);
      const options = { timeoutMs: POD_DEADLINE_MS, canary: false, loginsOf: () => logins };
      const answering = askPods([target], dial, options).then(([answer]) => answer!);
      this.#asked.push({ target, logins, answering, denied });
    }
  }

  /**
   * What a pod says that was asked as it is to be asked now: all that is known of it, and who asks, is the same.
   * @returns undefined where none was.
   */
  of(target: PodTarget, loginsOf: LoginsOf): EarlyAnswer | undefined {
    const asked = this.#asked.find((each) => isSame(each.target, target));
    return asked !== undefined && isSame(asked.logins, loginsOf(target)) ? asked : undefined;
  }
}

/** Both are made by the same code, of plain values: so their JSON tells. Node's isDeepStrictEqual takes a millisecond to load. */
function isSame<T extends PodTarget | readonly MemcachedCredentials[]>(one: T, other: T): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
