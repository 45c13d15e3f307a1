import { createHash } from 'node:crypto';
import { isObject, type Json } from './json.ts';
import { type KubeObject, keyOf, type ObjectRef } from './object.ts';
import type { Plan } from './plan.ts';

/**
 * A restore's journal: what it is about to do is written to disk before, what it did after, each line synced.
 * `undo` and a restore that follows a crash read it. Pre-images hold Secrets: the file is private (0600).
 */

export const JOURNAL_VERSION = 1;

/** The first line. */
export interface JournalStart {
  type: 'start';
  version: typeof JOURNAL_VERSION;
  /** The journal's own id, of the form of a backup's. */
  id: string;
  /** RFC 3339. */
  at: string;
  operation: 'restore' | 'undo';
  plan: Plan;
  /** uid of the namespace, where this operation created it. */
  createdNamespace?: string;
  /** The backup of the state before; absent where there was no release. */
  safety?: { id: string; location: string };
  /** Helm's newest revision before; absent where Helm knew none. */
  helmRevision?: number;
  /** Every object that is to be written, as it was; null where it did not exist. */
  preImages: { ref: ObjectRef; object: KubeObject | null }[];
  /**
   * What the restore that was cut off, and that this one takes up, had done. In the first line, so that no
   * crash can come between the plan and them.
   */
  carried?: JournalDeed[];
}

export type JournalDeed =
  | { type: 'will'; at: string; action: string; ref: ObjectRef }
  /** The server said no, or somebody had changed the object: nothing was written. */
  | { type: 'refused'; at: string; action: string; ref: ObjectRef }
  /** `uid` of what was written; `wrote` is {@link essenceDigest} of it. */
  | { type: 'did'; at: string; action: string; ref: ObjectRef; uid?: string; wrote?: string };

export type JournalEntry =
  | JournalStart
  | JournalDeed
  | { type: 'end'; at: string; outcome: string }
  | { type: 'undone'; at: string; by: string };

/** A journal, read back. */
export interface Journal {
  start: JournalStart;
  /** Those of the restore that it took up included, in order. */
  entries: JournalEntry[];
  location: string;
}

/** The lines of a journal as they are written: what it took up stands in the first one. */
export function linesOf({ start, entries }: Journal): JournalEntry[] {
  return [start, ...entries.slice(1 + (start.carried?.length ?? 0))];
}

/** Whether the operation was cut off: neither ended nor undone. */
export function isUnfinished({ entries }: Journal): boolean {
  return !entries.some(({ type }) => type === 'end' || type === 'undone');
}

/** What was done and what was about to be, in order. */
export function deedsOf({ entries }: Journal): JournalDeed[] {
  return entries.filter(isDeed);
}

function isDeed(entry: JournalEntry): entry is JournalDeed {
  return entry.type === 'will' || entry.type === 'did' || entry.type === 'refused';
}

/**
 * Everything that was written, or may have been: between its intent and the next line the operation was cut off,
 * or it never heard what became of the write.
 */
export function writtenRefs(journal: Journal): ObjectRef[] {
  const deeds = deedsOf(journal);
  const refs = deeds.flatMap(({ type, ref }, index) => {
    if (type !== 'will') return [];
    const next = deeds.slice(index + 1).find((deed) => keyOf(deed.ref) === keyOf(ref));
    return next?.type === 'refused' ? [] : [ref];
  });
  return [...new Map(refs.map((ref) => [keyOf(ref), ref])).values()];
}

export function isUndone({ entries }: Journal): boolean {
  return entries.some(({ type }) => type === 'undone');
}

export type Did = Extract<JournalEntry, { type: 'did' }>;

/** The last thing done to each object. */
export function lastDone({ entries }: Journal): Map<string, Did> {
  const done = entries.filter((entry): entry is Did => entry.type === 'did');
  return new Map(done.map((entry) => [keyOf(entry.ref), entry]));
}

/** Among a journal's deeds: the namespace that it made because it was missing. */
export function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}

/** A digest of what people and Helm write in an object: tells whether somebody changed it since. */
export function essenceDigest(essence: Json): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(essence)))
    .digest('hex');
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key]!)]),
  );
}
