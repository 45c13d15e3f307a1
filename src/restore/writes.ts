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
}

export function noWrites(): Writes {
  return { logs: [], deletedPods: [], restarted: [] };
}

/** What became of pods, a clause each. */
export function podsInWords({ deletedPods, restarted }: Pick<Writes, 'deletedPods' | 'restarted'>): string[] {
  return [
    ...deletedPods.map((pod) => `${displayName(pod)} deleted`),
    ...restarted.map((ref) => `pods of ${displayName(ref)} restarted`),
  ];
}
