import { displayName, keyOf, type ObjectRef } from '../model/object.ts';
import type { Applied } from '../restore/apply.ts';
import type { Deed, DeedLog } from '../restore/deed-log.ts';

/** "replaced". */
export function pastOf(action: Applied['action']): string {
  return { create: 'created', replace: 'replaced', recreate: 'deleted and created again', delete: 'deleted' }[
    action
  ];
}

/**
 * What an operation that stopped has written, and what nobody knows, as a clause. Helm's records, which say
 * themselves how it ended, count only among what nobody knows.
 * @param pods what became of pods, a clause each.
 */
export function whereItStands({ done, open }: DeedLog, pods: string[] = []): string {
  const written = [
    ...Map.groupBy(
      done.filter(({ ref }) => !isHelmRecord(ref)),
      ({ ref }) => keyOf(ref),
    ).values(),
  ].map((deeds) => `${displayName(deeds[0]!.ref)} ${inWords(deeds)}`);
  written.push(...pods);
  const unknown = open.map(({ action, ref }) => `${displayName(ref)} (it was to be ${pastOf(action)})`);
  if (written.length === 0 && unknown.length === 0) return 'no object was changed';
  return [
    ...(written.length === 0 ? [] : [`written before that: ${written.join(', ')}`]),
    ...(unknown.length === 0 ? [] : [`not known, because no answer came: ${unknown.join(', ')}`]),
    'nothing else was changed',
  ].join('; ');
}

function inWords(deeds: Deed[]): string {
  const isMadeAgain = deeds.at(-1)?.action === 'create' && deeds.some(({ action }) => action === 'delete');
  return pastOf(isMadeAgain ? 'recreate' : deeds.at(-1)!.action);
}

/** By the name that Helm's drivers give (helm.sh/helm/v3/pkg/storage, makeKey). */
function isHelmRecord({ name }: ObjectRef): boolean {
  return name.startsWith('sh.helm.release.v1.');
}
