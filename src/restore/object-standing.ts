import { displayName, keyOf, type ObjectRef } from '../model/kubernetes/object.ts';
import type { Plan, PlannedObject } from '../model/plan/plan.ts';
import { isRecordRef } from '../model/records/journal.ts';
import type { JournaledWrite, JournaledWrites } from './journal/journaled-writes.ts';

/**
 * Where an object stands, against what it was before the command. not-known: a write of it got no answer, and
 * nobody knows whether it was done.
 */
export type StandingState = 'as-before' | 'created' | 'replaced' | 'recreated' | 'deleted' | 'not-known';

export interface ObjectStanding {
  ref: ObjectRef;
  /** What was to be done to it. */
  action: PlannedObject['action'];
  state: StandingState;
}

/** What was written, as far as it has come. */
export type Written = Pick<JournaledWrites, 'done' | 'unsettled'>;

/** The undo of a restore that failed, as far as it has come. */
export interface WayBack {
  written: Written;
  /** {@link displayName} of what it left of what the restore had created; undefined while it is not over. */
  stays: ReadonlySet<string> | undefined;
}

/** What was done to one object. */
interface Touched {
  ref: ObjectRef;
  done: JournaledWrite[];
  /** A write of which nobody knows what became. */
  isOpen: boolean;
}

/**
 * Where each object stands that a plan was to write, and whatever else was written for it: Helm's records, a namespace.
 * @param back the undo that a failed restore began by itself.
 */
export function objectStandings({ objects }: Plan, written: Written, back?: WayBack): ObjectStanding[] {
  const there = touchedBy(written);
  const again = touchedBy(back?.written ?? { done: [], unsettled: [] });
  const planned = objects.filter(({ action }) => action !== 'keep' && action !== 'restart');
  const isPlanned = new Set(planned.map(({ ref }) => keyOf(ref)));
  const others = new Map(
    [...there, ...again].flatMap(([key, { ref, action }]) =>
      isPlanned.has(key) ? [] : [[key, { ref, action }]],
    ),
  );
  return [...planned, ...others.values()].map(({ ref, action }) => {
    const key = keyOf(ref);
    const [forth, since] = [there.get(key), again.get(key)];
    return { ref, action, state: back === undefined ? stateOf(forth) : stateAfter(forth, since, back) };
  });
}

/** @returns what was touched, with the action of its first write, by {@link keyOf}. */
function touchedBy({
  done,
  unsettled,
}: Written): Map<string, Touched & { action: JournaledWrite['action'] }> {
  const each = Map.groupBy([...done, ...unsettled], ({ ref }) => keyOf(ref));
  const open = new Set(unsettled.map(({ ref }) => keyOf(ref)));
  return new Map(
    [...each].map(([key, writes]) => {
      const { ref, action } = writes[0]!;
      const heard = writes.filter((write) => !unsettled.includes(write));
      return [key, { ref, action, done: heard, isOpen: open.has(key) }];
    }),
  );
}

function stateOf(touched: Touched | undefined): StandingState {
  if (touched === undefined) return 'as-before';
  const { done, isOpen } = touched;
  if (isOpen) return 'not-known';
  const wasThere = done[0]?.action !== 'create';
  if (done.at(-1)?.action === 'delete') return wasThere ? 'deleted' : 'as-before';
  if (!wasThere) return 'created';
  return done.some(({ action }) => action === 'delete') ? 'recreated' : 'replaced';
}

/** After an undo, which writes records of its own and leaves those of Helm's that it does not take away. */
function stateAfter(
  forth: Touched | undefined,
  since: Touched | undefined,
  { stays }: WayBack,
): StandingState {
  const touched = forth ?? since;
  if (touched === undefined) return 'as-before';
  const { ref } = touched;
  const both = {
    ref,
    done: [...(forth?.done ?? []), ...(since?.done ?? [])],
    // What the undo did settles what the restore had left open.
    isOpen: since === undefined ? (forth?.isOpen ?? false) : since.isOpen,
  };
  if (isRecordRef(ref)) return stateOf(both);
  if (stays !== undefined) return stays.has(displayName(ref)) ? stateOf(forth) : 'as-before';
  if (since === undefined || both.isOpen || since.done.at(-1)?.action === 'delete') return stateOf(both);
  return 'as-before';
}
