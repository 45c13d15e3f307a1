import { Damage } from '../format/damage.ts';
import { releaseParts } from '../format/layout.ts';
import type { BackupAddress, ListedBackup } from '../store.ts';
import { TooMuchOutput } from './git-failure.ts';
import type { GitObject, GitRepository } from './git-repository.ts';
import { readRef, tagsBelow } from './ref-names.ts';
import { type BackupClaims, readBackupMessage, readVerifiedMessage } from './tag-message.ts';

/** What `verify` noted last of a backup. */
export interface CatalogedNote {
  /** verified.json; undefined where it was taken back. What can't be read is given as it is, for whoever checks it. */
  text: string | undefined;
  /** The tags of all notes. */
  refs: string[];
  /** Of the last. */
  number: number;
}

/** A backup as its tags tell of it. */
export interface CatalogedBackup {
  address: BackupAddress;
  /** What its tag points at: the commit that holds its files; "" where the tag is damaged. */
  commit: string;
  claims?: BackupClaims;
  damage?: string;
  unreadable?: ListedBackup['unreadable'];
  note?: CatalogedNote;
}

/** Thousands of tags of some kilobytes. */
const MAX_TAGS_BYTES = 256 * 1024 * 1024;
/** A summary, and a signature or two. */
const MAX_TAG_BYTES = 1024 * 1024;

/** A fetch of refs writes a file for each: so many are better put into one. */
const MANY = 100;

type Filter = Partial<BackupAddress>;

/**
 * Every backup that the server has a tag of, narrowed by the parts of an address. Only what the server says now counts: the
 * cache tells what need not be fetched.
 */
export async function readCatalog(
  repository: GitRepository,
  path: string,
  filter: Filter,
): Promise<CatalogedBackup[]> {
  const starts = (['backup', 'verified'] as const).map(
    (kind) => `${tagsBelow(kind, path)}${narrowed(filter)}`,
  );
  const below = starts.map((start) => `${start}*`);
  const [refs, { known, objects }] = await Promise.all([
    repository.tags(below),
    readKnown(repository, starts),
  ]);
  const tags = [...refs].flatMap(([ref, oid]) => {
    const name = readRef(ref, path);
    return name === undefined || !matches(name.address, filter) ? [] : [{ ref, name, oid }];
  });
  await fetchMissing(repository, { tags, known, below });
  const more = tags.map(({ oid }) => oid).filter((oid) => !objects.has(oid));
  for (const [oid, object] of await readTags(repository, [...new Set(more)])) objects.set(oid, object);
  const found = new Map<string, CatalogedBackup>();
  for (const { ref, name, oid } of tags) {
    if (name.kind !== 'backup') continue;
    const { address } = name;
    const cataloged: CatalogedBackup = { address, commit: '' };
    try {
      const { commit, message } = readTag(objects.get(oid), ref);
      cataloged.commit = commit;
      cataloged.claims = readBackupMessage(message, address);
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      cataloged.damage = error.message;
      if (error.unreadable) cataloged.unreadable = true;
    }
    found.set(keyOf(address), cataloged);
  }
  for (const { ref, name, oid } of tags) {
    const cataloged = found.get(keyOf(name.address));
    if (name.kind !== 'verified' || cataloged === undefined) continue;
    const { number, address } = name;
    const before = cataloged.note;
    const all = [...(before?.refs ?? []), ref];
    cataloged.note =
      before !== undefined && before.number > number
        ? { ...before, refs: all }
        : { number, refs: all, text: noteText(objects.get(oid), ref, address) };
  }
  return [...found.values()];
}

/** What the cache has of the tags, while the server is asked for what there is. */
async function readKnown(
  repository: GitRepository,
  starts: readonly string[],
): Promise<{ known: Map<string, string>; objects: Map<string, GitObject> }> {
  const known = await repository.knownRefs();
  const oids = [...known].flatMap(([ref, oid]) =>
    starts.some((start) => ref.startsWith(start)) ? [oid] : [],
  );
  return { known, objects: await readTags(repository, [...new Set(oids)]) };
}

/** Their objects; of too large ones, which somebody put there, none: they must not hide the others. */
async function readTags(repository: GitRepository, oids: readonly string[]): Promise<Map<string, GitObject>> {
  try {
    return await repository.read(oids, MAX_TAGS_BYTES);
  } catch (error) {
    if (!(error instanceof TooMuchOutput)) throw error;
  }
  const sizes = await repository.sizes(oids);
  const sound = oids.filter((oid) => (sizes.get(oid) ?? 0) <= MAX_TAG_BYTES);
  return repository.read(sound, MAX_TAGS_BYTES);
}

async function fetchMissing(
  repository: GitRepository,
  {
    tags,
    known,
    below,
  }: {
    tags: readonly { ref: string; oid: string }[];
    known: ReadonlyMap<string, string>;
    below: readonly string[];
  },
): Promise<void> {
  const missing = tags.filter(({ ref, oid }) => known.get(ref) !== oid);
  if (missing.length === 0) return;
  if (missing.length > MANY)
    await repository.fetchMany(new Map(missing.map(({ ref, oid }) => [ref, oid])), known);
  else await repository.fetch(below.map((refs) => `+${refs}:${refs}`));
}

/** What an annotated tag points at, and its message; it is to be of that name. @throws Damage */
function readTag(object: GitObject | undefined, ref: string): { commit: string; message: string } {
  const text = object?.type === 'tag' ? object.content.toString() : '';
  const [, commit, name, message] =
    /^object ([0-9a-f]+)\ntype commit\ntag (.+)\n(?:.+\n)*\n([\s\S]*)$/.exec(text) ?? [];
  if (commit === undefined || message === undefined || `refs/tags/${name}` !== ref)
    throw new Damage('its tag is not as it was written, or is of another backup');
  return { commit, message };
}

function noteText(object: GitObject | undefined, ref: string, address: BackupAddress): string | undefined {
  try {
    return readVerifiedMessage(readTag(object, ref).message, address);
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return object?.content.toString() ?? '';
  }
}

/** "CLUSTER/NAMESPACE/RELEASE/ID", as far as the first parts are given: the rest is sifted here. */
function narrowed({ cluster, namespace, release, id = '' }: Filter): string {
  if (cluster === undefined || namespace === undefined || release === undefined) return '';
  const parts = releaseParts({ cluster, namespace, release });
  return parts.some((part) => /\.\.|\.lock$/.test(part)) ? '' : `${parts.join('/')}/${id}`;
}

function matches(address: BackupAddress, filter: Filter): boolean {
  return (['cluster', 'namespace', 'release', 'id'] as const).every(
    (part) => filter[part] === undefined || filter[part] === address[part],
  );
}

function keyOf({ cluster, namespace, release, id }: BackupAddress): string {
  return [cluster, namespace, release, id].join('/');
}
