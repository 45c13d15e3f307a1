import { setTimeout as sleep } from 'node:timers/promises';
import type { BackupAddress } from '../store.ts';
import { readCatalog } from './git-catalog.ts';
import { GitFailure } from './git-failure.ts';
import type { GitPlace } from './git-location.ts';
import type { GitRepository, RefUpdate } from './git-repository.ts';
import { verifiedRef } from './ref-names.ts';
import { verifiedMessage } from './tag-message.ts';

const TRIES = 10;

/** What is noted of a backup. */
export interface GitNote {
  address: BackupAddress;
  /** verified.json; undefined takes it back. */
  text: string | undefined;
}

/**
 * Notes what `verify` found as a new tag, which counts more than those before it: servers let tags be made, and seldom moved.
 * Those before are taken away with the same push, where that is allowed.
 * @throws GitFailure
 */
export async function noteInGit(repository: GitRepository, place: GitPlace, note: GitNote): Promise<void> {
  const { address, text } = note;
  for (let tries = 1; ; tries++) {
    const [cataloged] = await readCatalog(repository, place.path, address);
    if (cataloged === undefined || (cataloged.note === undefined && text === undefined)) return;
    const before = (cataloged.note?.refs ?? []).map((ref): RefUpdate => ({ ref }));
    try {
      if (text === undefined && (await isDone(repository, before))) return;
      const ref = verifiedRef(address, place.path, (cataloged.note?.number ?? 0) + 1);
      await repository.tag(ref, cataloged.commit, verifiedMessage(address, text));
      const note = { ref, to: ref };
      if (before.length > 0 && (await isDone(repository, [...before, note]))) return;
      await repository.push([note]);
      return;
    } catch (error) {
      if (!(error instanceof GitFailure) || error.trouble !== 'raced' || tries === TRIES) throw error;
      await sleep(Math.random() * 300);
    }
  }
}

/** Whether a push with deletions was taken; false where deletions are declined. */
async function isDone(repository: GitRepository, updates: readonly RefUpdate[]): Promise<boolean> {
  try {
    await repository.push(updates);
    return true;
  } catch (error) {
    if (error instanceof GitFailure && error.isDenied) return false;
    throw error;
  }
}
