import type { Rehearsal } from '../../model/plan/rehearsal.ts';
import { causeOfRefusal } from './refusal.ts';

/** Whether a restore would change something, and be refused for nothing but permissions: whoever restores may have them. */
export function wouldWork({ plan, unserved, refused, refusedPods, held, refusals }: Rehearsal): boolean {
  const { permissions: _, ...others } = refusals;
  const isRefused = [...refused, ...refusedPods].filter((write) => causeOfRefusal(write) !== 'permission');
  const stands = [unserved, isRefused, held, ...Object.values(others)];
  return !plan.nothingToDo && stands.every(({ length }) => length === 0);
}
