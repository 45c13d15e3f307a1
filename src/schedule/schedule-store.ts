import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { readClusterIdentity } from '../kube/cluster-identity.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { timeOfId } from '../model/records/backup-id.ts';
import type { ScheduledRun } from '../model/schedule/run-history.ts';
import { savesRelease } from '../model/schedule/schedule-facts.ts';
import { type ScheduledBackup, scheduledBackup } from '../model/schedule/scheduled-backup.ts';
import { scheduledStore } from '../model/schedule/scheduled-store.ts';
import { type StoreAgreement, storeAgreement } from '../model/schedule/store-agreement.ts';
import { clusterOf } from '../session/cluster-in-use.ts';
import type { CommandContext } from '../session/context.ts';
import { accessOfScheduled } from '../session/find-scheduled-store.ts';
import { latestBackups, newestFirst, unfit } from '../store/find/latest-backups.ts';
import { ownBackups } from '../store/find/own-backups.ts';
import type { GitAccess } from '../store/git/git-access.ts';
import { openStore } from '../store/open-store.ts';
import type { S3Access } from '../store/s3/s3-access.ts';
import type { ListedBackup, Store } from '../store/store.ts';

/** How stores are reached from here. */
export interface StoreReach {
  /** --store names one, that is looked into in the place of the schedules' own. */
  isNamed: boolean;
  /** What flags say; they go before what a schedule says. */
  s3: S3Access;
  git: GitAccess;
}

/** What a schedule's store holds of what the schedule backs up. */
export interface ScheduleStore {
  /** undefined: it can only be told in the schedule's pod. */
  location: string | undefined;
  /** Why it could not be looked into; undefined where it could. */
  unread: string | undefined;
  /** The newest good one of this cluster. */
  backup: StoredBackup | undefined;
  /** undefined where it could not be looked into, or the Jobs could not. */
  agreement: StoreAgreement | undefined;
}

export interface StoredBackup {
  namespace: string;
  release: string;
  id: string;
  at: Date;
  location: string;
  /** Of its files but backup.json. */
  bytes: number;
  verifiedAt: string | undefined;
}

/** Looks into the stores of schedules, into each once. Never throws for one that can't be reached. */
export class ScheduleStores {
  readonly #kube: KubeClient;
  readonly #reach: StoreReach;
  readonly #context: CommandContext;
  readonly #listed = new Map<string, Promise<{ store: Store; backups: ListedBackup[] }>>();

  constructor(kube: KubeClient, reach: StoreReach, context: CommandContext) {
    this.#kube = kube;
    this.#reach = reach;
    this.#context = context;
  }

  /** @param runs undefined where Jobs may not be listed. */
  async look(cronJob: KubeObject, runs: readonly ScheduledRun[] | undefined): Promise<ScheduleStore> {
    let location: string | undefined;
    const nothing = { backup: undefined, agreement: undefined };
    try {
      const open = await this.#opener(cronJob);
      if (open === undefined) {
        return { location, unread: "where it is can be told in the schedule's pod alone", ...nothing };
      }
      ({ location } = open);
      const { store, backups } = await this.#list(open);
      const backup = scheduledBackup(cronJob);
      const own = await this.#own(backups, backup, store);
      const stored = own.map((each) => ({
        namespace: each.address.namespace,
        release: each.address.release,
        at: new Date(timeOfId(each.address.id)),
        isGood: unfit(each) === undefined,
      }));
      const its = own.filter(({ address: { namespace, release } }) => {
        return savesRelease({ backup }, { namespace, name: release }) !== 'no';
      });
      return {
        location: store.location,
        unread: undefined,
        backup: newestOf(its),
        agreement: runs && storeAgreement(runs, scheduledStore(cronJob)?.location, stored),
      };
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return { location, unread: error.message, ...nothing };
    }
  }

  async #opener(
    cronJob: KubeObject,
  ): Promise<{ location: string; key: string; open: () => Promise<Store> } | undefined> {
    const { signal, pvc, io } = this.#context;
    if (this.#reach.isNamed) {
      const store = await this.#context.store();
      return { location: store.location, key: '', open: async () => store };
    }
    const scheduled = scheduledStore(cronJob);
    if (scheduled === undefined) return undefined;
    const { location } = scheduled;
    const warn = (text: string): void => io.warn(text);
    const s3 = { ...accessOfScheduled(scheduled), ...this.#reach.s3, warn };
    const git = { ...this.#reach.git, warn };
    return {
      location,
      key: JSON.stringify([location, s3]),
      open: () => openStore(location, undefined, { signal, s3, git, ...(pvc === undefined ? {} : { pvc }) }),
    };
  }

  #list({ key, open }: { key: string; open: () => Promise<Store> }) {
    let listed = this.#listed.get(key);
    if (listed === undefined) {
      listed = open().then(async (store) => ({ store, backups: await store.list({}) }));
      this.#listed.set(key, listed);
    }
    return listed;
  }

  /** Of this cluster. */
  async #own(
    backups: readonly ListedBackup[],
    backup: ScheduledBackup | undefined,
    store: Store,
  ): Promise<ListedBackup[]> {
    const clusterName = backup?.clusterName;
    const cluster =
      clusterName === undefined
        ? await clusterOf(await readClusterIdentity(this.#kube), async () => store)
        : { name: clusterName };
    return ownBackups(backups, cluster).filter(({ address }) => address.id !== '');
  }
}

/** Of each release what a restore would take; of those the newest. */
function newestOf(own: readonly ListedBackup[]): StoredBackup | undefined {
  const releases = Map.groupBy(own, ({ address }) => `${address.namespace}/${address.release}`);
  const latest = [...releases.values()].flatMap((backups) => latestBackups(backups, undefined).slice(0, 1));
  const [newest] = newestFirst(latest);
  if (newest === undefined) return undefined;
  const { namespace, release, id } = newest.address;
  return {
    namespace,
    release,
    id,
    at: new Date(timeOfId(id)),
    location: newest.location,
    bytes: newest.summary?.bytes ?? 0,
    verifiedAt: newest.verification?.at,
  };
}
