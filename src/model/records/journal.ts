import { createHash } from 'node:crypto';
import { isObject, type Json } from '../json/json.ts';
import { type KubeObject, keyOf, type ObjectRef } from '../kubernetes/object.ts';
import type { Plan } from '../plan/plan.ts';
import type { RuntimeChange } from '../plan/runtime.ts';
import type { RuntimeSetting } from '../settings/runtime-settings.ts';

/**
 * A restore's journal: what it is about to do is written to disk before, what it did after, each line synced.
 * `undo` and a restore that follows a crash read it. Pre-images hold Secrets: the file is private (0600).
 */

export const JOURNAL_VERSION = 2;

/** The first line. */
export interface JournalStart {
  type: 'start';
  version: typeof JOURNAL_VERSION;
  /** The journal's own id, of the form of a backup's. */
  id: string;
  /** RFC 3339. */
  at: string;
  operation: 'restore' | 'undo';
  /** Where it lies, as its folders are named. */
  cluster: string;
  namespace: string;
  release: string;
  plan: Plan;
  /** uid of the namespace, where this operation created it. */
  createdNamespace?: string;
  /** The backup of the state before, and the sha256 of its backup.json; null where there was no release. */
  safety: { id: string; location: string; digest: string } | null;
  /** Helm's newest revision before; absent where Helm knew none. */
  helmRevision?: number;
  /** Every object that is to be written, as it was; null where it did not exist. */
  preImages: { ref: ObjectRef; object: KubeObject | null }[];
  /**
   * What the restore that was cut off, and that this one takes up, had done. In the first line, so that no
   * crash can come between the plan and them.
   */
  carried?: WriteEntry[];
  /** What that one had sent to running servers, or was about to. */
  tuned?: TunesEntry[];
  /** What the restores that this one takes up were to. */
  earlier?: Plan['backup'][];
}

export type WriteEntry =
  | {
      type: 'will';
      at: string;
      action: string;
      ref: ObjectRef;
      /** The field manager it is written as, which no other operation writes as: tells whose it is without an answer. */
      by?: string;
      /** What is to be there after it, as it was at the backup; absent for deletions and Helm's records. */
      meant?: KubeObject;
    }
  /** The server said no, or somebody had changed the object: nothing was written. */
  | { type: 'refused'; at: string; action: string; ref: ObjectRef }
  /** `uid` of what was written; `wrote` is {@link comparableDigest} of it. */
  | { type: 'did'; at: string; action: string; ref: ObjectRef; uid?: string; wrote?: string };

/** Settings are about to be sent to the server of a pod: what it tells of itself later says whether they were. */
export type TunesEntry = { type: 'tunes'; at: string } & Pick<RuntimeChange, 'pod' | 'uid' | 'settings'>;

export type JournalEntry =
  | JournalStart
  | WriteEntry
  | TunesEntry
  | { type: 'end'; at: string; outcome: string }
  | { type: 'undone'; at: string; by: string };

/** A journal, read back. */
export interface Journal {
  start: JournalStart;
  /** Those of the restore that it took up included, in order. */
  entries: JournalEntry[];
  location: string;
}

/** A journal as it is found: read back, or what is wrong with it. Damaged ones are never hidden. */
export interface ListedJournal {
  /** As its file's name says. */
  id: string;
  location: string;
  journal?: Journal;
  /** Why it can't be believed, in one clause. */
  damage?: string;
}

/** The journals that can be believed, in their order. */
export function soundJournals(listed: readonly ListedJournal[]): Journal[] {
  return listed.flatMap(({ journal }) => journal ?? []);
}

/** The newest restore's journal, and those after it that nobody can read: any of them may be of a later restore. */
export function lastRestoreAmong(listed: readonly ListedJournal[]): {
  last: Journal | undefined;
  unreadable: ListedJournal[];
} {
  const at = listed.findLastIndex(({ journal }) => journal?.start.operation === 'restore');
  return {
    last: listed[at]?.journal,
    unreadable: listed.slice(at + 1).filter(({ damage }) => damage !== undefined),
  };
}

/** The lines of a journal as they are written: what it took up stands in the first one. */
export function linesOf({ start, entries }: Journal): JournalEntry[] {
  return [start, ...entries.slice(1 + (start.carried?.length ?? 0))];
}

/** How an operation ended that left nothing of what it had begun: there is nothing to undo. */
export const NOTHING_WRITTEN = 'nothing was written';

/** How a restore ended that left something for the next start of its pods: that it is not done yet. */
export const LEFT_FOR_RESTART = 'left for the next restart';

export function wroteNothing({ entries }: Journal): boolean {
  return entries.some((entry) => entry.type === 'end' && entry.outcome === NOTHING_WRITTEN);
}

/** Whether the operation was cut off: neither ended nor undone. */
export function isUnfinished({ entries }: Journal): boolean {
  return !entries.some(({ type }) => type === 'end' || type === 'undone');
}

/** What was done and what was about to be, in order. */
export function writeEntriesOf({ entries }: Journal): WriteEntry[] {
  return entries.filter(isWriteEntry);
}

function isWriteEntry(entry: JournalEntry): entry is WriteEntry {
  return entry.type === 'will' || entry.type === 'did' || entry.type === 'refused';
}

export type IntentEntry = Extract<WriteEntry, { type: 'will' }>;
export type DoneEntry = Extract<WriteEntry, { type: 'did' }>;

/** What a journal knows of one object. */
export interface Standing {
  ref: ObjectRef;
  /** The last thing that was done to it, and heard of. */
  done: DoneEntry | undefined;
  /** Tried since, and nobody heard what came of it: cut off in between, or without an answer. */
  open: IntentEntry[];
}

/** How each object stands that was written, or may have been. What was refused leaves it as it stood. */
export function journaledStandings(journal: Journal): Standing[] {
  const standings = new Map<string, Standing & { inHand: IntentEntry | undefined }>();
  for (const entry of writeEntriesOf(journal)) {
    const key = keyOf(entry.ref);
    const before = standings.get(key) ?? { ref: entry.ref, done: undefined, open: [], inHand: undefined };
    const open = before.inHand === undefined ? before.open : [...before.open, before.inHand];
    if (entry.type === 'will') standings.set(key, { ...before, open, inHand: entry });
    else if (entry.type === 'did')
      standings.set(key, { ref: entry.ref, done: entry, open: [], inHand: undefined });
    else standings.set(key, { ...before, inHand: undefined });
  }
  return [...standings.values()].flatMap(({ ref, done, open, inHand }) => {
    const all = inHand === undefined ? open : [...open, inHand];
    return done === undefined && all.length === 0 ? [] : [{ ref, done, open: all }];
  });
}

/**
 * Everything that was written, or may have been: between its intent and the next line the operation was cut off,
 * or it never heard what became of the write.
 */
export function writtenRefs(journal: Journal): ObjectRef[] {
  return journaledStandings(journal).map(({ ref }) => ref);
}

/**
 * What was sent to running servers, or may have been, by the uid of the pod: each setting from how it was before the first, to what the
 * last was to make of it.
 */
export function tunedBy({ start, entries }: Journal): Map<string, RuntimeSetting[]> {
  const tuned = new Map<string, Map<string, RuntimeSetting>>();
  for (const { uid, settings } of tunesEntriesOf({ start, entries })) {
    const known = tuned.get(uid) ?? new Map<string, RuntimeSetting>();
    for (const setting of settings)
      known.set(setting.key, { ...setting, from: known.get(setting.key)?.from ?? setting.from });
    tuned.set(uid, known);
  }
  return new Map([...tuned].map(([uid, settings]) => [uid, [...settings.values()]]));
}

/** Those of the restore that it took up included, in order. */
export function tunesEntriesOf({ start, entries }: Pick<Journal, 'start' | 'entries'>): TunesEntry[] {
  return [...(start.tuned ?? []), ...entries.filter((entry): entry is TunesEntry => entry.type === 'tunes')];
}

export function isUndone({ entries }: Journal): boolean {
  return entries.some(({ type }) => type === 'undone');
}

/** The last thing done to each object. */
export function lastDone({ entries }: Journal): Map<string, DoneEntry> {
  const done = entries.filter((entry): entry is DoneEntry => entry.type === 'did');
  return new Map(done.map((entry) => [keyOf(entry.ref), entry]));
}

/** Whether it is a record of Helm's: those are told apart by their revisions. */
export function isRecordRef({ kind, name }: ObjectRef): boolean {
  return (kind === 'Secret' || kind === 'ConfigMap') && name.startsWith('sh.helm.release.v1.');
}

/** Among a journal's entries: the namespace that it made because it was missing. */
export function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}

/** A digest of what people and Helm write in an object: tells whether somebody changed it since. */
export function comparableDigest(comparableForm: Json): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(comparableForm)))
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
