import type { Plan } from '../../model/plan/plan.ts';
import { unprovenOf } from '../../model/plan/proof.ts';

/** "2 objects would change, 1 cache would be emptied" */
export function planInWords({ objects, cachesEmptied, nothingToDo, proof }: Plan): string {
  const changed = objects.filter(({ action }) => action !== 'keep').length;
  if (nothingToDo) return 'it equals what runs';
  if (changed === 0) {
    const open = proof === undefined ? ['the pods are not all there yet'] : unprovenOf(proof);
    return `it would write no object; not proved: ${open.join(', ')}`;
  }
  const what = `${changed} ${changed === 1 ? 'object' : 'objects'} would change`;
  if (cachesEmptied === 0) return what;
  return `${what}, ${cachesEmptied} ${cachesEmptied === 1 ? 'cache' : 'caches'} would be emptied`;
}
