/** ticked: it was seen to hold. open: it was seen not to. unknown: nobody can tell from here. */
export type BoxState = 'ticked' | 'open' | 'unknown';

/** What becomes of one box, and why: one clause, without a full stop. */
export interface Verdict {
  state: BoxState;
  why: string;
}

export function ticked(why: string): Verdict {
  return { state: 'ticked', why };
}

export function open(why: string): Verdict {
  return { state: 'open', why };
}

export function unknown(why: string): Verdict {
  return { state: 'unknown', why };
}
