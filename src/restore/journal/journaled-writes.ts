import { ToolError } from '../../errors/tool-error.ts';
import { leavesOpen } from '../../kube/leaves-open.ts';
import { type KubeObject, keyOf, type ObjectRef } from '../../model/kubernetes/object.ts';
import type { RuntimeChange } from '../../model/plan/runtime.ts';
import type { DoneEntry, IntentEntry } from '../../model/records/journal.ts';
import type { JournalWriter } from '../../store/store.ts';

/** One write to one object, as the journal names it. */
export interface JournaledWrite {
  action: 'create' | 'replace' | 'delete';
  ref: ObjectRef;
  /** What is to be there afterwards, as it was at the backup; none for deletions and Helm's records. */
  meant?: KubeObject;
}

/** What a write left: nothing after a deletion. */
export type Trace = Pick<DoneEntry, 'uid' | 'wrote'>;

/**
 * Writes of one operation, each between two lines of its journal: what is about to be done is on disk first, and
 * what came of it after: done, refused, or, where the answer was lost, nothing, which leaves it open. Whatever
 * writes to a release writes through here.
 */
export class JournaledWrites {
  /** As whom objects and records are written: tells whose they are. */
  readonly manager: string;
  /** What was done, in order. */
  readonly done: (JournaledWrite & Trace)[] = [];
  /** What nobody knows: these were sent, and their answer never came, nor that of a later write to the same object. */
  readonly open: JournaledWrite[] = [];
  /** What is being sent now. */
  readonly #inHand = new Set<JournaledWrite>();
  #hasTuned = false;
  readonly #journal: JournalWriter;
  readonly #now: () => Date;

  constructor(journal: JournalWriter, manager: string, now: () => Date) {
    this.#journal = journal;
    this.manager = manager;
    this.#now = now;
  }

  /**
   * Does one write. Everything that it throws but a defect or a lost answer means that nothing came of it.
   * @param trace what the answer says of what is there now; undefined: nothing came of it, somebody else had done it.
   * @throws what `write` throws; NoUndoStore where the journal can't be written: before the write, nothing was done.
   */
  async write<T>(
    intent: JournaledWrite,
    write: () => Promise<T>,
    trace: (answer: T) => Trace | undefined,
  ): Promise<T> {
    const { action, ref } = intent;
    const by = action === 'delete' ? {} : { by: this.manager };
    await this.#append({ type: 'will', ...intent, ...by });
    this.#inHand.add(intent);
    let answer: T;
    try {
      answer = await write();
    } catch (error) {
      const isOpen = !(error instanceof ToolError) || leavesOpen(error);
      if (isOpen) this.open.push(intent);
      this.#inHand.delete(intent);
      if (!isOpen) await this.#append({ type: 'refused', action, ref });
      throw error;
    }
    this.#inHand.delete(intent);
    const left = trace(answer);
    if (left === undefined) {
      await this.#append({ type: 'refused', action, ref });
      return answer;
    }
    this.done.push({ ...intent, ...left });
    this.#settle(ref);
    await this.#append({ type: 'did', action, ref, ...left });
    return answer;
  }

  /** Before a running server is sent settings. @throws NoUndoStore: then it was sent nothing. */
  async tunes({ pod, uid, settings }: Pick<RuntimeChange, 'pod' | 'uid' | 'settings'>): Promise<void> {
    const at = this.#now().toISOString();
    await this.#journal.append({ type: 'tunes', at, pod, uid, settings });
    this.#hasTuned = true;
  }

  /** What nobody knows now: what is open, and what is being sent. */
  get unsettled(): JournaledWrite[] {
    return [...this.open, ...this.#inHand];
  }

  /** uids of what was created or written over and is still there, as far as this operation knows. */
  get uids(): ReadonlySet<string> {
    const last = new Map(this.done.map((write) => [keyOf(write.ref), write]));
    return new Set([...last.values()].flatMap(({ uid }) => (uid === undefined ? [] : [uid])));
  }

  /** Whether nothing is left of what was written: what was created, was deleted again. */
  get isNothing(): boolean {
    const each = [...Map.groupBy(this.done, ({ ref }) => keyOf(ref)).values()];
    const isGone = (writes: JournaledWrite[]): boolean =>
      writes[0]?.action === 'create' && writes.at(-1)?.action === 'delete';
    return this.open.length === 0 && !this.#hasTuned && each.every(isGone);
  }

  /** Whatever became of the writes before: now it is as this one left it. */
  #settle(ref: ObjectRef): void {
    const others = this.open.filter((intent) => keyOf(intent.ref) !== keyOf(ref));
    this.open.splice(0, this.open.length, ...others);
  }

  #append(
    line:
      | Omit<IntentEntry, 'at'>
      | Omit<DoneEntry, 'at'>
      | { type: 'refused'; action: string; ref: ObjectRef },
  ) {
    return this.#journal.append({ at: this.#now().toISOString(), ...line });
  }
}
