import type { TestContext } from 'node:test';
import type { Store } from '../../../src/store/store.ts';

/** What may be wrong with a store while it is used. */
export type Fault = 'full' | 'gone' | 'read-only' | 'slow' | 'refused half way' | 'kept from deletions';

/** What the suite has cut: a save of the sample backup, of what `verify` noted about it, or of a drill's report in the place of another; its removal. */
export type CutWork = 'save' | 'note' | 'remove' | 'report';

/** Something that is stored by itself, a file or an object, reached past the tool. */
export interface Piece {
  name: string;
  read(): Promise<Buffer>;
  write(content: Buffer): Promise<void>;
  remove(): Promise<void>;
}

/** One store, empty at first, and the means to break it. */
export interface TestedStore {
  /** Opens it anew, as another process does. @param signal breaks off what is asked of it, where it can be. */
  open(signal?: AbortSignal): Promise<Store>;
  pieces(): Promise<Piece[]>;
  /** Puts something of somebody else's there, under a path with "/". */
  plant(name: string, content: Buffer): Promise<void>;
  /**
   * Does the work, which is cut for good at its Nth step, from 1.
   * @returns 'cut'; 'done' where it got through all the same; 'beyond' where it has fewer steps.
   */
  cut(work: CutWork, step: number): Promise<'cut' | 'done' | 'beyond'>;
  /** Remembers all of it as it is now. @returns what makes it so again; absent where a new one is made as quickly. */
  remember?(): Promise<() => Promise<void>>;
  /** Brings a fault about, until what it returns is called; undefined where such a store can't have it here. */
  break(fault: Fault): Promise<(() => Promise<void>) | undefined>;
}

/** A kind of store: what a fifth kind adds is one of these. */
export interface StoreKind {
  name: string;
  /** Why it can't be tested on this machine; undefined where it can. */
  obstacle?: string | undefined;
  /** It is another way to a kind that is tried whole: what does not depend on the way is not tried again. */
  isOtherWay?: true;
  /** A fresh, empty one that goes away with the test. */
  make(t: TestContext): Promise<TestedStore>;
}
