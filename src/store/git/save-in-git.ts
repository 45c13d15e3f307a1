import { setTimeout as sleep } from 'node:timers/promises';
import { nextId } from '../../model/records/backup-id.ts';
import { summaryOf } from '../../model/records/backup-summary.ts';
import { CHECKSUM, DOCUMENT, MAX_DOCUMENT_BYTES, SIGNATURE } from '../format/layout.ts';
import type { PreparedBackup, PreparedDocument } from '../format/prepare-backup.ts';
import type { BackupAddress } from '../store.ts';
import { tipOf } from './branch-tip.ts';
import { filesNamedBy } from './files-named-by.ts';
import { GitFailure } from './git-failure.ts';
import type { GitPlace } from './git-location.ts';
import type { GitRepository, RefUpdate, RemoteRefs, TreeEntry } from './git-repository.ts';
import { lookAt, type PlaceOfRelease, patternsOf } from './in-place.ts';
import { backupRef } from './ref-names.ts';
import { releaseFolder } from './release-folder.ts';
import { backupMessage } from './tag-message.ts';

/** Of eight writers at once the last needed seven; with a little luck thirty serve four times as many. */
const TRIES = 30;
/** A lock that another writer holds goes away; a server that only ever hangs up does not get better. */
const TRIES_IN_VAIN = 8;
/**
 * Who breaks a save off waits so long for a push that is under way: it may have arrived, and then it counts. Well within
 * what main.ts gives the whole process, so that it is said what nobody knows.
 */
const GRACE_MS = 2_500;
const ASK_AGAIN_MS = 20_000;
/** Files that differ between two backups of a release that did not change. */
const VOLATILE: ReadonlySet<string> = new Set([DOCUMENT, CHECKSUM, SIGNATURE]);

/** Nobody knows whether the backup arrived; the cause is what went wrong. */
export class Unsettled extends Error {}

export interface SavedInGit {
  address: BackupAddress;
  document: PreparedDocument;
}

/** What is saved, and where. */
export interface GitSave {
  place: GitPlace;
  address: BackupAddress;
  backup: PreparedBackup;
  signal?: AbortSignal | undefined;
  /** What was looked at just now: the first try goes by it. */
  seen?: PlaceOfRelease | undefined;
}

/**
 * Commits the backup on the tip of the branch and tags the commit, and pushes both or neither; where nothing changed but
 * backup.json the tag's commit stays beside the branch. Where somebody else was faster it is built again on the new tip.
 * @throws GitFailure; Unsettled; IdTaken for a copy; the signal's reason.
 */
export async function saveInGit(repository: GitRepository, save: GitSave): Promise<SavedInGit> {
  const { place, address, signal } = save;
  repository.readSettings();
  let inVain = 0;
  let { seen } = save;
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    seen ??= await lookAt(repository, place, address);
    const saved = documentFor(save, seen.refs);
    const ref = backupRef(saved.address, place.path);
    const { tip } = seen;
    const updates = await build(repository, { save, seen, saved });
    seen = undefined;
    signal?.throwIfAborted();
    try {
      await pushWithGrace(repository, updates, signal);
      return saved;
    } catch (error) {
      const now = await settle(repository, { place, address, error });
      if (now.oids.has(ref) && now.oids.get(ref) === (await repository.find(ref))) return saved;
      signal?.throwIfAborted();
      if (!(error instanceof GitFailure)) throw error;
      const isOvertaken = now.oids.has(ref) || tipOf(place, now).oid !== tip;
      inVain = isOvertaken ? 0 : inVain + 1;
      const isRaced = isOvertaken || (error.trouble === 'raced' && inVain < TRIES_IN_VAIN);
      if (!isRaced || tries === TRIES) throw error;
      await sleep(
        Math.random() * 150 * Math.min(tries, 8),
        undefined,
        signal === undefined ? {} : { signal },
      ).catch(() => {});
    }
  }
}

/** With the first id that no tag has. */
function documentFor({ place, address, backup }: GitSave, { oids }: RemoteRefs): SavedInGit {
  let { id } = address;
  while (oids.has(backupRef({ ...address, id }, place.path))) id = nextId(id);
  return { address: { ...address, id }, document: backup.document(id) };
}

interface Build {
  save: GitSave;
  seen: PlaceOfRelease;
  saved: SavedInGit;
}

/** Makes the commit and the tag in the cache. @returns what is to be pushed. */
async function build(
  repository: GitRepository,
  { save: { place, backup }, seen, saved: { address, document } }: Build,
): Promise<RefUpdate[]> {
  const { tip } = seen;
  const branch = tipOf(place, seen.refs).ref;
  const all = [
    ...backup.files.map(({ path, content }) => [path, Buffer.from(content as string)] as const),
    ...[...document.own].map(([path, text]) => [path, Buffer.from(text)] as const),
  ];
  const oids = await repository.writeFiles(all.map(([, content]) => content));
  const add = all.map(([path], at): TreeEntry => ({ mode: '100644', path, oid: oids[at] ?? '' }));
  const isNew = !isSame(add, seen.entries);
  const earlier = isNew ? await earlierBackup(repository, seen) : seen.entries;
  const folder = releaseFolder(place.path, address);
  const within = (path: string): string => `${folder}/${path}`;
  const tree = await repository.writeTree(
    tip,
    earlier.map(({ path }) => within(path)),
    add.map((entry) => ({ ...entry, path: within(entry.path) })),
  );
  const signature = document.own.get(SIGNATURE);
  const message = backupMessage(address, {
    digest: document.digest,
    summary: summaryOf(document.document),
    ...(signature === undefined ? {} : { signature }),
    ...(isNew ? { branch } : {}),
  });
  const commit = await repository.commit(tree, tip, message);
  const ref = backupRef(address, place.path);
  await repository.tag(ref, commit, message);
  return [{ ref, to: ref }, ...(isNew ? [{ ref: branch, to: commit }] : [])];
}

/** What the backup before left in the folder; what others keep there stays. */
async function earlierBackup(
  repository: GitRepository,
  { entries }: PlaceOfRelease,
): Promise<readonly TreeEntry[]> {
  const document = entries.find(({ path, mode }) => path === DOCUMENT && mode.startsWith('100'));
  if (document === undefined) return [];
  const size = (await repository.sizes([document.oid])).get(document.oid) ?? 0;
  if (size > MAX_DOCUMENT_BYTES) return entries;
  const bytes = (await repository.read([document.oid], size)).get(document.oid)?.content;
  const named = filesNamedBy(bytes);
  // Somebody changed it by hand: the whole folder is a backup's.
  if (named === undefined) return entries;
  return entries.filter(({ path }) => named.has(path) || VOLATILE.has(path));
}

function isSame(files: readonly TreeEntry[], earlier: readonly TreeEntry[]): boolean {
  const text = (entries: readonly TreeEntry[]): string =>
    entries
      .filter(({ path }) => !VOLATILE.has(path))
      .map(({ mode, oid, path }) => `${mode} ${oid} ${path}`)
      .sort()
      .join('\n');
  return text(files) === text(earlier);
}

async function pushWithGrace(
  repository: GitRepository,
  updates: readonly RefUpdate[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const grace = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => grace.abort(signal?.reason), GRACE_MS);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await repository.push(updates, { signal: grace.signal });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** What the server has now, where a push failed: its answer may have been lost. */
async function settle(
  repository: GitRepository,
  { place, address, error }: { place: GitPlace; address: BackupAddress; error: unknown },
): Promise<RemoteRefs> {
  try {
    return await repository.refs(patternsOf(place, address), AbortSignal.timeout(ASK_AGAIN_MS));
  } catch {
    throw new Unsettled('nobody knows whether the backup arrived', { cause: error });
  }
}
