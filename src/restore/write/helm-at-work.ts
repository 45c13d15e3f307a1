import { advice } from '../../advice/advice.ts';
import { helm } from '../../advice/command.ts';
import { BrokenOffError } from '../../errors/tool-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isForbidden } from '../../kube/inventory.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { stringAt } from '../../model/json/json.ts';
import {
  displayName,
  type KubeObject,
  labelsOf,
  type ObjectRef,
  refOf,
  uidOf,
} from '../../model/kubernetes/object.ts';
import type { JournaledWrites } from '../journal/journaled-writes.ts';

/**
 * Somebody runs Helm on the release that is being restored or undone. They may need what is there now, so nothing
 * is undone by itself.
 */
export class HelmAtWorkError extends BrokenOffError {}

/** What of Helm's record tells that somebody is at work, without its content. */
interface Glimpse {
  record: KubeObject;
  uid: string;
  status: string;
}

/**
 * Watches Helm's records of a release for what somebody else writes while a restore is under way: a new revision, or
 * one that is being uninstalled. The restore's start told who was at work then; this tells who comes later.
 */
export class HelmWatch {
  readonly #kube: KubeClient;
  readonly #live: LiveRelease;
  readonly #journaled: JournaledWrites;
  readonly #now: () => Date;

  /** @param live as it was planned with: what its history holds was there before. */
  constructor(kube: KubeClient, live: LiveRelease, journaled: JournaledWrites, now: () => Date) {
    this.#kube = kube;
    this.#live = live;
    this.#journaled = journaled;
    this.#now = now;
  }

  /** @throws HelmAtWorkError where somebody else's revision is there, or one changed its status, or went. */
  async check(): Promise<void> {
    const { history } = this.#live;
    const seen = await this.#look();
    if (seen === undefined) return;
    const before = new Map(history.map(({ record }) => [uidOf(record) ?? '', statusOf(record)]));
    const ours = this.#journaled.uids;
    for (const { record, uid, status } of seen) {
      if (ours.has(uid)) continue;
      const was = before.get(uid);
      if (was === undefined) throw this.#atWork(record, `is ${status}, and somebody else wrote it`);
      if (was !== status) throw this.#atWork(record, `was ${was} and is ${status} now`);
    }
    const there = new Set(seen.map(({ uid }) => uid));
    const newest = history.findLast(({ record }) => labelsOf(record).owner === 'helm');
    if (newest !== undefined && !there.has(uidOf(newest.record) ?? '')) {
      throw atWork(`${displayName(refOf(newest.record))} was deleted by somebody else`, this.#live);
    }
  }

  /** The error of a record that is in the way of what was to be written, or went from under it. */
  async inTheWay(ref: ObjectRef): Promise<HelmAtWorkError> {
    const type = (await this.#kube.resourceType(ref.apiVersion, ref.kind))!;
    const namespace = this.#live.namespaceName;
    const byName = { namespace, fieldSelector: `metadata.name=${ref.name}`, metadataOnly: true };
    const [record] = await this.#kube.list(type, byName);
    if (record === undefined) return atWork(`${displayName(ref)} was deleted by somebody else`, this.#live);
    return this.#atWork(record, `is ${statusOf(record)}, and somebody else wrote it`);
  }

  #atWork(record: KubeObject, what: string): HelmAtWorkError {
    const age = ageOf(record, this.#now());
    return atWork(`${displayName(refOf(record))}${age} ${what}`, this.#live);
  }

  /** Helm's records without their content; undefined where they may not be listed, as at the start. */
  async #look(): Promise<Glimpse[] | undefined> {
    const { release, namespaceName: namespace } = this.#live;
    const labelSelector = `owner=helm,name=${release}`;
    try {
      const lists = await Promise.all(
        ['Secret', 'ConfigMap'].map(async (kind) => {
          const type = (await this.#kube.resourceType('v1', kind))!;
          return this.#kube.list(type, { namespace, labelSelector, metadataOnly: true });
        }),
      );
      return lists.flat().map((record) => ({
        record,
        uid: uidOf(record) ?? '',
        status: statusOf(record),
      }));
    } catch (error) {
      if (!isForbidden(error)) throw error;
      return undefined;
    }
  }
}

function statusOf(record: KubeObject): string {
  return labelsOf(record).status ?? 'of no known status';
}

function atWork(what: string, { release, namespaceName }: LiveRelease): HelmAtWorkError {
  return new HelmAtWorkError(`Helm is at work: ${what}`, {
    next: advice`wait until it is done (${helm('history', release, '-n', namespaceName)}), look at what it did, then run the same command again`,
  });
}

/** ", 3 s old," by the labels that Helm writes, or by the server's clock. */
function ageOf(record: KubeObject, now: Date): string {
  const { modifiedAt, createdAt } = labelsOf(record);
  const seconds = Number(modifiedAt ?? createdAt ?? Number.NaN);
  const at = Number.isNaN(seconds)
    ? Date.parse(stringAt(record, 'metadata', 'creationTimestamp') ?? '')
    : seconds * 1000;
  const age = Math.max(0, Math.round((now.getTime() - at) / 1000));
  return Number.isNaN(age) ? '' : `, written ${age} s ago,`;
}
