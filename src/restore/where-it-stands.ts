import { addressWords } from '../model/forms/old-addresses.ts';
import { displayName, keyOf } from '../model/kubernetes/object.ts';
import type { Plan } from '../model/plan/plan.ts';
import { isRecordRef } from '../model/records/journal.ts';
import type { JournaledWrite } from './journal/journaled-writes.ts';
import type { Written } from './object-standing.ts';
import type { Applied } from './write/apply.ts';

/** "replaced". */
export function pastOf(action: Applied['action']): string {
  return { create: 'created', replace: 'replaced', recreate: 'deleted and created again', delete: 'deleted' }[
    action
  ];
}

/** "service/cart created with its old address" */
export function appliedInWords({ action, ref, regained }: Applied): string {
  const addresses = regained === undefined ? '' : ` with its old ${addressWords(regained)}`;
  return `${displayName(ref)} ${pastOf(action)}${addresses}`;
}

/**
 * What an operation that stopped has written, and what nobody knows, as a clause. Helm's records, which say
 * themselves how it ended, count only among what nobody knows.
 * @param pods what became of pods, a clause each.
 */
export function whereItStands({ done, unsettled }: Written, plan: Plan, pods: string[] = []): string {
  const isOpen = new Set(unsettled.map(({ ref }) => keyOf(ref)));
  const toMakeAgain = new Set(
    plan.objects.flatMap(({ action, ref }) => (action === 'recreate' ? [keyOf(ref)] : [])),
  );
  const written = [
    ...Map.groupBy(
      done.filter(({ ref }) => !isRecordRef(ref)),
      ({ ref }) => keyOf(ref),
    ),
  ].map(([key, writes]) => {
    const isHalf = writes.at(-1)!.action === 'delete' && toMakeAgain.has(key) && !isOpen.has(key);
    return `${displayName(writes[0]!.ref)} ${inWords(writes)}${isHalf ? ', not made again yet' : ''}`;
  });
  written.push(...pods);
  const unknown = unsettled.map(({ action, ref }) => `${displayName(ref)} (it was to be ${pastOf(action)})`);
  if (written.length === 0 && unknown.length === 0) return 'no object was changed';
  return [
    ...(written.length === 0 ? [] : [`written before that: ${written.join(', ')}`]),
    ...(unknown.length === 0 ? [] : [`not known, because no answer came: ${unknown.join(', ')}`]),
    'nothing else was changed',
  ].join('; ');
}

function inWords(writes: JournaledWrite[]): string {
  const isMadeAgain = writes.at(-1)?.action === 'create' && writes.some(({ action }) => action === 'delete');
  return pastOf(isMadeAgain ? 'recreate' : writes.at(-1)!.action);
}
