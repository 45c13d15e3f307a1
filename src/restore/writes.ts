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
  /** Told of each write once it is done: "service/cart replaced". */
  onDone?(inWords: string): void;
}

export function noWrites(onDone?: (inWords: string) => void): Writes {
  return { logs: [], deletedPods: [], restarted: [], ...(onDone === undefined ? {} : { onDone }) };
}

/** What became of pods, a clause each. */
export function podsInWords({ deletedPods, restarted }: Pick<Writes, 'deletedPods' | 'restarted'>): string[] {
  return [
    ...deletedPods.map((pod) => `${displayName(pod)} deleted`),
    ...restarted.map((ref) => `pods of ${displayName(ref)} restarted`),
  ];
}
