import type { BackedUp } from '../backup/back-up-releases.ts';
import type { CheckResult } from '../backup/checks/check-result.ts';
import { sizeInWords } from '../output/byte-size.ts';

/** What the line of a run says of a backup. */
export interface BackupInLine {
  namespace: string;
  release: string;
  id: string;
  /** Of all its files. */
  bytes: number;
  isAsAsked: boolean;
  /** What is not in it, or of its pods, a sentence each; the first one that tells why it is not as asked comes first. */
  warnings: readonly string[];
  /** Why it is not what it should be, of --verify. */
  unsound: readonly CheckResult[];
}

/** "saved 7 releases, 84KiB": what is there of a run that something broke off. */
export function savedSoFar(saved: readonly Pick<BackupInLine, 'bytes'>[]): string {
  return saved.length === 0 ? 'saved nothing' : `saved ${releases(saved.length)}, ${sizeOf(saved)}`;
}

/**
 * A whole run in one line: how much is saved, then the first cause of what is not as it should be, and how many more there are.
 * "saved 3 of 3 releases, 1.2 MiB, in 2.1 s".
 */
export function backupInWords(
  { saved, failed, untried, pruned, left = 0 }: BackedUp<BackupInLine>,
  { isVerified, durationMs }: { isVerified: boolean; durationMs: number },
): string {
  const all = saved.length + failed.length + untried;
  const removed = pruned.reduce((sum, each) => sum + each.removed, 0);
  const sound = saved.filter(({ unsound }) => unsound.length === 0);
  const areAllSound = isVerified && sound.length === saved.length;
  const parts = [
    `${areAllSound ? 'saved and verified' : 'saved'} ${saved.length} of ${releases(all)}, ${sizeOf(saved)}, in ${(durationMs / 1000).toFixed(1)} s`,
    ...(isVerified && !areAllSound ? [`verified ${sound.length} of them`] : []),
    ...(removed > 0 ? [`removed ${removed} older`] : []),
    ...first(failed.map(({ message }) => message)),
    ...first(
      saved
        .filter(({ unsound }) => unsound.length > 0)
        .map(({ unsound, ...backup }) => `${nameOf(backup)} is not sound: ${whyOf(unsound)}`),
    ),
    ...first(pruned.flatMap((each) => each.failed).map(({ message }) => `not pruned: ${message}`)),
    ...first(
      saved
        .filter(({ isAsAsked }) => !isAsAsked)
        .map(({ warnings, ...backup }) => `${nameOf(backup)} is not complete: ${warnings[0] ?? ''}`),
    ),
    ...(left > 0 ? [`${left} memcached ${left === 1 ? 'workload is' : 'workloads are'} in no backup`] : []),
    ...(untried > 0 ? [`${releases(untried)} not tried`] : []),
  ];
  return parts.join('; ');
}

/** The first of them, and the number of the others. */
function first(reasons: readonly string[]): string[] {
  const [reason, ...others] = reasons;
  if (reason === undefined) return [];
  return [others.length === 0 ? reason : `${reason} (and ${others.length} more)`];
}

function whyOf(results: readonly CheckResult[]): string {
  const [result] = results;
  return result === undefined || result.status === 'ok' ? '' : `${result.what}: ${result.why}`;
}

function nameOf({ namespace, release, id }: Pick<BackupInLine, 'namespace' | 'release' | 'id'>): string {
  return `${namespace}/${release}@${id}`;
}

function releases(count: number): string {
  return `${count} ${count === 1 ? 'release' : 'releases'}`;
}

function sizeOf(saved: readonly Pick<BackupInLine, 'bytes'>[]): string {
  return sizeInWords(saved.reduce((sum, { bytes }) => sum + bytes, 0));
}
