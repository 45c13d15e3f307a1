import type { StoredKind } from '../../completion/stored-names.ts';
import { timeOfId } from '../../model/records/backup-id.ts';
import type { Candidate } from './candidate.ts';
import type { Sources } from './sources.ts';

/** Which ids are meant. */
export interface WantedIds {
  release: string;
  /** Undefined: the one in use. */
  namespace: string | undefined;
  kind: StoredKind;
}

/** Ids of a release, newest first, each with its moment in local time, and with its cluster where there are several. */
export async function backupCandidates(
  { release, namespace, kind }: WantedIds,
  sources: Sources,
): Promise<Candidate[]> {
  if (release === '') return [];
  const [inUse, store] = await Promise.all([namespace ?? sources.namespace(), sources.store()]);
  const filter = { namespace: inUse, release };
  const stored = await store.ids(kind, filter);
  const found =
    kind === 'restores' && stored.length === 0 ? await (await sources.fallback()).ids(kind, filter) : stored;
  const isOfSeveral = new Set(found.map(({ cluster }) => cluster)).size > 1;
  return found.map(({ cluster, id }) => ({
    value: id,
    description: `${localTime(new Date(timeOfId(id)))}${isOfSeveral ? `, cluster ${cluster}` : ''}`,
  }));
}

/** "2026-11-28 14:00", in the zone of whoever reads it. */
function localTime(at: Date): string {
  if (Number.isNaN(at.getTime())) return '';
  const two = (number: number): string => String(number).padStart(2, '0');
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
