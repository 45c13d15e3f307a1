import type { ObjectRef } from '../kubernetes/object.ts';
import type { Plan } from './plan.ts';

/** A write that the API server was asked to try, and its refusal in its own words. */
export interface RefusedWrite {
  ref: ObjectRef;
  /** HTTP status. */
  status: number;
  message: string;
}

/** A kind of the backup that the cluster does not serve in the backup's version. */
export interface UnservedKind {
  apiVersion: string;
  kind: string;
  /** The version in which it serves the kind; absent where it does not know the kind at all. */
  servedAs?: string;
  objects: ObjectRef[];
}

/** What a restore of a backup would meet now: everything was asked, nothing was written. */
export interface Rehearsal {
  plan: Plan;
  unserved: UnservedKind[];
  /** Objects that the server would not take; those that must be made again are in the plan as "recreate". */
  refused: RefusedWrite[];
  /** Pods of the backup's memcached workloads that the server would not take; `ref` is the workload's. */
  refusedPods: RefusedWrite[];
  /** Why it would refuse for what is to be deleted and that a finalizer holds. */
  held: { ref: ObjectRef; text: string }[];
  /** Why a restore would refuse, beside what the server says. */
  refusals: {
    /** The backup holds nothing. */
    backup: string[];
    /** The namespace is being deleted. */
    namespace: string[];
    /** The release holds other workloads than memcached. */
    workloads: string[];
    /** Argo CD, Flux or an operator manages it. */
    managers: string[];
    /** Somebody is at work with Helm. */
    helm: string[];
    /** What you may not read or write. */
    permissions: string[];
  };
  /** Helm operations that were cut off: a restore marks them as failed. */
  abandoned: string[];
  /** What the pods run with that the backup's did not. */
  settings: DifferingSettings;
}

/** Settings of memcached in which pods differ from those of a backup. */
export interface DifferingSettings {
  /** Keys of `stats settings`, or "version", with the workload (`deployment.apps/cart`) that they are of. */
  differing: { workload: string; setting: string }[];
  /** As arguments, "-m 48 -c 256"; absent where no pod tells. */
  before?: string;
  now?: string;
}
