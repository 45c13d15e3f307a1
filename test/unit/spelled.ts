import type { Advice } from '../../src/advice/advice.ts';
import { PLAIN_SPELLING, spellAdvice } from '../../src/advice/spell.ts';

/** Advice as it is printed where no connection was given by flags; "" of none. */
export function spelled(advice: Advice | undefined): string {
  return advice === undefined ? '' : spellAdvice(advice, PLAIN_SPELLING);
}

/** Several, one by one. */
export function allSpelled(advice: readonly Advice[] | undefined): string[] {
  return (advice ?? []).map(spelled);
}
