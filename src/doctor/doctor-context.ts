import { placeholder, type Word } from '../advice/command.ts';
import { orUndefined } from '../errors/or-undefined.ts';
import type { ConnectionFacts, KubeClient } from '../kube/client.ts';
import type { Inventory } from '../kube/inventory.ts';
import { ownName } from '../kube/own-name.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import type { PodObservation } from '../memcached/observe-pods.ts';
import type { Area, Finding } from '../model/findings/finding.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import type { Rehearsal } from '../model/plan/rehearsal.ts';
import type { PodSettings } from '../model/records/backup-format.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import type { CommandContext } from '../session/context.ts';
import type { ClusterInUse } from '../store/cluster-name.ts';
import type { BackupAddress, ListedBackup, Store } from '../store/store.ts';
import type { AdvisedRelease } from './advised-release.ts';
import type { EarlyReads } from './early-reads.ts';
import type { ResourceReader } from './resource-reader.ts';

/** One memcached release under examination. */
export interface ExaminedRelease {
  namespace: string;
  name: string;
  /** As the cluster has it; without history and objects where it is gone. */
  live: LiveRelease;
  /** Its memcached workloads and the other ones it owns. */
  workloads: KubeObject[];
  /** Its memcached pods. */
  targets: PodTarget[];
  /** What its pods say at two moments, asked once however many checks want it. */
  observe(): Promise<PodObservation[]>;
  /** What they say at the first one that they run with: of the same asking, without the time between the two. */
  settings(): Promise<PodSettings[]>;
}

/** What a DoctorContext is made of. */
export interface DoctorContextParts {
  /** For requests that `reader` has no words for. Every call has a deadline and may throw a ToolError. */
  kube: KubeClient;
  reader: ResourceReader;
  /** What is read whatever was listed. */
  reads: EarlyReads;
  /** What was listed, and may be listed further. */
  inventory: Inventory;
  /** The namespace under examination; undefined: all. */
  namespace: string | undefined;
  releases: ExaminedRelease[];
  /** Releases that were named; where empty, `releases` are all that were found. */
  names: readonly string[];
  connection: ConnectionFacts;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName: string | undefined;
  session: CommandContext;
}

/**
 * Everything an area's check works with. Reading through `reader` never fails: what could not be read is
 * undefined, and said once.
 */
export class DoctorContext implements Omit<DoctorContextParts, 'session' | 'clusterName'> {
  readonly kube: KubeClient;
  readonly reader: ResourceReader;
  readonly reads: EarlyReads;
  readonly inventory: Inventory;
  readonly namespace: string | undefined;
  readonly releases: ExaminedRelease[];
  readonly names: readonly string[];
  readonly connection: ConnectionFacts;
  readonly session: CommandContext;
  /** When it was opened. */
  readonly now: Date;
  readonly #clusterName: string | undefined;
  #subject: Promise<Word> | undefined;
  readonly #rehearsals = new Map<string, Promise<Rehearsal>>();

  constructor(parts: DoctorContextParts) {
    this.kube = parts.kube;
    this.reader = parts.reader;
    this.reads = parts.reads;
    this.inventory = parts.inventory;
    this.namespace = parts.namespace;
    this.releases = parts.releases;
    this.names = parts.names;
    this.connection = parts.connection;
    this.session = parts.session;
    this.now = parts.session.now();
    this.#clusterName = parts.clusterName;
  }

  store(): Promise<Store> {
    return this.session.store();
  }

  /** Who you are, as `permissions --for` takes it. */
  subject(): Promise<Word> {
    this.#subject ??= ownName(this.kube).then((name) => {
      if (name === undefined) return placeholder('user:name');
      return name.startsWith('system:serviceaccount:') ? name : `user:${name}`;
    });
    return this.#subject;
  }

  /** A release as commands about it name it; without flags where no store can be opened, which is a finding of its own. */
  async advised({ namespace, name }: { namespace: string; name: string }): Promise<AdvisedRelease> {
    const { flags, keyFlags = [] } = await this.store().catch(() => ({ flags: [], keyFlags: [] }));
    return { namespace, name, store: flags, keys: keyFlags, clusterName: this.#clusterName };
  }

  /** Those of one release; none where the store can't be read, which is a finding of its own. */
  async backupsOf({ namespace, name }: { namespace: string; name: string }): Promise<ListedBackup[]> {
    const backups = (await orUndefined(() => this.backups())) ?? [];
    return backups.filter(({ address }) => address.namespace === namespace && address.release === name);
  }

  /** What a restore of a backup would meet now, asked once however many checks want it. @throws ToolError as `rehearse` does. */
  rehearse({ live, settings }: ExaminedRelease, address: BackupAddress): Promise<Rehearsal> {
    const key = `${address.cluster}/${address.namespace}/${address.release}/${address.id}`;
    const { kube, inventory, session } = this;
    const begin = async (): Promise<Rehearsal> => {
      const [store, livePods] = await Promise.all([this.store(), settings()]);
      // A plan takes much to load, and the pods have been asked by now.
      const { rehearse } = await import('../restore/rehearse.ts');
      return rehearse({ kube, store, inventory, live, livePods }, address, session);
    };
    const rehearsal = this.#rehearsals.get(key) ?? begin();
    this.#rehearsals.set(key, rehearsal);
    return rehearsal;
  }

  /** Every backup of the namespace under examination, or of all, listed once. @throws ToolError */
  backups(): Promise<ListedBackup[]> {
    return this.reads.backups();
  }

  /** The cluster as the store knows it; undefined where it can't be told. */
  cluster(): Promise<ClusterInUse | undefined> {
    return orUndefined(() => this.reads.cluster());
  }
}

/**
 * What an area finds. May throw a ToolError: the area is then reported as one that could not be looked at.
 * Ends with an "ok" finding where nothing is wrong.
 */
export type Examine = (doctor: DoctorContext) => Promise<Finding[]>;

/** What is begun beside the lists: one's own rights, which cluster it is, the backups, what the pods of the releases say. */
export type Early = 'rights' | 'cluster' | 'backups' | 'pods';

/** The checks of one area. */
export interface AreaCheck {
  area: Area;
  /** Kinds that it lists, so that all lists are under way at once. */
  kinds: readonly (readonly [apiVersion: string, kind: string])[];
  /** What it always asks for. */
  early: readonly Early[];
  load(): Promise<Examine>;
}
