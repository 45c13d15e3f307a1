import type { ConnectionFacts, KubeClient } from '../kube/client.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import type { PodObservation } from '../memcached/observe-pods.ts';
import type { Area, Finding } from '../model/findings/finding.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import type { Rehearsal } from '../model/plan/rehearsal.ts';
import type { ClusterInUse } from '../model/records/cluster-name.ts';
import type { ListedJournal } from '../model/records/journal.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import type { BackupAddress, ListedBackup, ReleaseAddress, Store } from '../store/store.ts';
import type { Sight } from './sight.ts';

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
  /** What its pods say, asked once however many checks want it. */
  observe(): Promise<PodObservation[]>;
}

/**
 * Everything an area's check works with. Reading through `sight` never fails: what could not be read is
 * undefined, and said once.
 */
export interface Ward {
  /** For requests that `sight` has no words for. Every call has a deadline and may throw a ToolError. */
  kube: KubeClient;
  sight: Sight;
  /** The namespace under examination; undefined: all. */
  namespace: string | undefined;
  releases: ExaminedRelease[];
  /** Releases that were named; where empty, `releases` are all that were found. */
  names: readonly string[];
  connection: ConnectionFacts;
  store: () => Promise<Store>;
  /** Every backup of the namespace under examination, or of all, listed once. May throw a ToolError. */
  backups: () => Promise<ListedBackup[]>;
  /** Journals of restores of a release, oldest first, damaged ones among them, in the store and in the user's state folder. May throw a ToolError. */
  journals: (release: ReleaseAddress) => Promise<ListedJournal[]>;
  /** The cluster as the store knows it; undefined where it can't be told. */
  cluster: () => Promise<ClusterInUse | undefined>;
  /**
   * Plans the restore of a backup and asks the server to try it; writes nothing. May throw a ToolError:
   * DamagedBackup, or what the API server says.
   */
  rehearse: (release: ExaminedRelease, backup: BackupAddress) => Promise<Rehearsal>;
  /** Whether nobody holds a release's Lease any more, so that a restore would take it over. */
  isAbandoned: (lease: KubeObject) => boolean;
  now: Date;
  /** "kubectl memcached-backup", for commands to paste. */
  invocation: string;
}

/** The checks of one area. */
export interface AreaCheck {
  area: Area;
  /** Kinds that it lists, so that all lists are under way at once. */
  kinds: readonly (readonly [apiVersion: string, kind: string])[];
  /**
   * What it finds. May throw a ToolError: the area is then reported as one that could not be looked at.
   * Ends with an "ok" finding where nothing is wrong.
   */
  examine(ward: Ward): Promise<Finding[]>;
}
