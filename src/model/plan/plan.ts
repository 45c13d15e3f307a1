import type { EmptyingCost } from '../cache/emptying-cost.ts';
import type { NamespaceReference } from '../forms/namespace-references.ts';
import type { ObjectRef } from '../kubernetes/object.ts';
import type { Role } from '../records/backup-format.ts';
import type { SettingChange } from '../settings/setting-changes.ts';
import type { Imposed } from './imposed.ts';
import type { Proof } from './proof.ts';
import type { RuntimePlan } from './runtime.ts';

/**
 * A plan: everything a restore would do, worked out before anything is written. It is data, so that it can
 * be shown, compared with the plan made again a moment later, and printed as JSON.
 */

export type Action = 'create' | 'replace' | 'recreate' | 'delete' | 'restart' | 'keep';

export interface PlannedObject {
  action: Action;
  ref: ObjectRef;
  role: Role;
  /** One sentence: why this action. */
  reason: string;
  /** Fields that would change, for a replace: "spec.replicas: 5 → 2". Secrets by name only. */
  changes: string[];
  /** Whether the server was asked (dry run) and agreed. */
  checked: boolean;
  /** What it grants that the live release does not (restore/plan/grants.ts); absent where that is nothing. */
  grants?: string[];
}

/** A pod that is deleted so that its StatefulSet can replace it. */
export interface StuckPod {
  ref: ObjectRef;
  workload: ObjectRef;
  /** What keeps it from being ready. */
  why: string;
}

export type PlannedHelm =
  | { action: 'keep'; revision: number }
  /** The release moved on or was reinstalled: a new revision holds what the backup held. */
  | {
      action: 'new-revision';
      revision: number;
      /** The backup's revision that it repeats. */
      from: number;
      /** Deployed revisions that become superseded, and pending ones that become failed. */
      superseded: number[];
      failed: number[];
    }
  /** No history exists: every revision of the backup is written back. */
  | { action: 'create-history'; revisions: number[] }
  /** The restore that is undone wrote these records; there were none before. */
  | { action: 'delete-history'; revisions: number[] }
  | { action: 'none' };

export interface Plan {
  backup: {
    id: string;
    cluster: string;
    /** Where it was taken. */
    namespace: string;
    release: string;
    takenAt: string;
    /** Its folder, where it was given by its path. */
    path?: string;
    /** What whoever took it wanted to be read beside it. */
    note?: string;
    /** Why the release was not up when it was taken, a clause each (model/records/backup-health.ts); absent where it was. */
    unhealthy?: string[];
    /** Then the id of the newest backup at which it was; absent where there is none. */
    healthy?: string;
  };
  /** The cluster that it is for, by the kubeconfig; absent where nobody is asked about it. */
  target?: { /** "in-cluster" or "" where there is none. */ context: string; server: string };
  /** Where it is restored. */
  namespace: { name: string; action: 'create' | 'keep' /** As of an object. */; grants?: string[] };
  /** Where the backup's own namespace is still named; absent where it is restored into that one. */
  mentions?: NamespaceReference[];
  helm: PlannedHelm;
  /** Settings of memcached that differ from how the pods run now; absent where nobody asked for them. */
  settings?: SettingChange[];
  objects: PlannedObject[];
  /** Objects of the backup that are left out because `--skip-kind` says so; absent where none is. */
  skipped?: ObjectRef[];
  /** What the API server makes of the objects, whatever is written; absent where it takes them as they are. */
  imposed?: Imposed[];
  /**
   * Pods that never became ready and that their StatefulSet would wait for for ever: deleted one by one after the
   * writes. Absent where there is none.
   */
  stuckPods?: StuckPod[];
  /** Their pods are replaced one by one, each when the one before it is as warm as was asked for; absent where nobody asked. */
  paced?: {
    workloads: ObjectRef[];
    /** The share of the old hit ratio that a new pod has to be back at, 0 to 1. */
    hitRatio: number;
    /** How long one pod is waited for to be back at it. */
    timeoutSeconds: number;
    /** The items of each pod are carried over to its successor. */
    warmFromOld?: true;
  };
  /** Without restarts: what is sent to running servers, and what is left for their next start; of an undo, what is put back so. */
  runtime?: RuntimePlan;
  /** memcached pods that run and whose cache is lost by this plan. */
  cachesEmptied: number;
  /** What that costs; absent where none is, or nobody is asked about it. */
  emptyingCost?: EmptyingCost;
  /** The server was not asked (--dry-run=client): what would change is told by comparing clean forms, and may be otherwise. */
  notAsked?: true;
  /** What could not be checked beforehand, and why. */
  unchecked: { what: string; why: string }[];
  /** Things to know before saying yes. */
  warnings: string[];
  /** Reasons why this plan must not be carried out; empty when it may. */
  refusals: string[];
  /** Live objects, pods and effective settings all equal the backup: nothing would be written. */
  nothingToDo: boolean;
  /**
   * Nothing would be written, and the pods do not prove that they are as at the backup; nothing would change that.
   * Absent otherwise.
   */
  proof?: Proof;
}
