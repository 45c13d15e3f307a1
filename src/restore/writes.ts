import { displayName, type ObjectRef } from '../model/kubernetes/object.ts';
import type { JournaledWrites } from './journal/journaled-writes.ts';

/** What an operation has written by now. */
export interface Writes {
  /** Of the namespace, of objects and Helm's records, in order. */
  logs: JournaledWrites[];
  /** Of the plan's stuck ones. */
  deletedPods: ObjectRef[];
  /** Workloads whose pods it began to restart. */
  restarted: ObjectRef[];
  /** Workloads that it keeps from replacing their pods by themselves, for now. */
  held: ObjectRef[];
  /** What it sent to running servers, a clause a pod. */
  tuned: string[];
  /** Told of each write once it is done: "service/cart replaced". */
  onDone?(inWords: string): void;
}

export function noWrites(onDone?: (inWords: string) => void): Writes {
  return {
    logs: [],
    deletedPods: [],
    restarted: [],
    held: [],
    tuned: [],
    ...(onDone === undefined ? {} : { onDone }),
  };
}

/** What became of pods, a clause each. */
export function podsInWords({
  deletedPods,
  restarted,
  held,
  tuned,
}: Pick<Writes, 'deletedPods' | 'restarted' | 'held' | 'tuned'>): string[] {
  return [
    ...deletedPods.map((pod) => `${displayName(pod)} deleted`),
    ...restarted.map((ref) => `pods of ${displayName(ref)} restarted`),
    ...held.map(heldInWords),
    ...tuned,
  ];
}

/** "deployment.apps/cart is held: paused, its old pods stay" */
export function heldInWords(ref: ObjectRef): string {
  const how = ref.kind === 'Deployment' ? 'paused' : 'its update strategy is OnDelete';
  return `${displayName(ref)} is held: ${how}, and its old pods stay`;
}
