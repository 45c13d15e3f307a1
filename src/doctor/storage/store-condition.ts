import type { Finding } from '../../model/findings/finding.ts';
import { formatBytes } from '../../output/byte-size.ts';
import { shellWord } from '../../store/advice.ts';
import type { StoreCondition } from '../../store/store.ts';
import { finding } from '../catalogue.ts';

const MIB = 2 ** 20;

/** Room below which a store is taken for full, and for nearly full. Backups of memcached are some 100 KiB. */
const FULL = { backups: 2, bytes: MIB, files: 100 };
const NEARLY_FULL = { backups: 50, bytes: 64 * MIB, files: 1000 };

/**
 * Whether the store can take another backup, and what lies about in it.
 * @param newestBytes size of the newest backup in it, of whichever release; 0 where there is none.
 */
export function judgeCondition(condition: StoreCondition, location: string, newestBytes: number): Finding[] {
  const found: Finding[] = [];
  const { unwritable, leftovers, exposed } = condition;
  if (unwritable !== undefined) {
    found.push(
      finding('MB342', {
        summary: `the store ${location} can’t be written`,
        evidence: [{ text: unwritable }],
        fix: [`ls -ld ${shellWord(location)}`, `df -h ${shellWord(location)}`],
        about: [mark(location)],
      }),
    );
  }
  const isFull = hasLess(condition, FULL, newestBytes);
  if (isFull || hasLess(condition, NEARLY_FULL, newestBytes)) {
    found.push(
      finding(isFull ? 'MB343' : 'MB344', {
        summary: isFull
          ? `the store ${location} has no room for another backup`
          : `the disk of the store ${location} is nearly full`,
        evidence: [{ text: roomText(condition, newestBytes) }],
        fix: [`df -h ${shellWord(location)}`, `df -i ${shellWord(location)}`],
        about: [mark(location)],
      }),
    );
  }
  if (exposed.length > 0) {
    found.push(
      finding('MB345', {
        summary: `others can write to the store ${location}`,
        evidence: exposed.map((folder) => ({ text: `${folder.location}: ${folder.why}` })),
        fix: exposed.map((folder) => `chmod go-w ${shellWord(folder.location)}`),
      }),
    );
  }
  if (leftovers.length > 0) {
    found.push(
      finding('MB360', {
        summary: `${leftovers.length} ${leftovers.length === 1 ? 'backup was' : 'backups were'} cut off and left a folder`,
        evidence: leftovers.map(({ location: text, at }) => ({ text, at })),
        fix: leftovers.map((left) => `rm -r ${shellWord(left.location)}`),
      }),
    );
  }
  return found;
}

function hasLess(
  { freeBytes = Number.POSITIVE_INFINITY, freeFiles = Number.POSITIVE_INFINITY }: StoreCondition,
  least: typeof FULL,
  newestBytes: number,
): boolean {
  return freeBytes < Math.max(least.bytes, least.backups * newestBytes) || freeFiles < least.files;
}

function roomText({ freeBytes, freeFiles }: StoreCondition, newestBytes: number): string {
  const parts = [
    freeBytes === undefined ? [] : [`${formatBytes(freeBytes)} free`],
    freeFiles === undefined ? [] : [`${freeFiles} inodes free`],
    newestBytes === 0 ? [] : [`the newest backup takes ${formatBytes(newestBytes)}`],
  ];
  return parts.flat().join(', ');
}

/** Stands for the store, where causes and consequences meet. */
function mark(location: string) {
  return { apiVersion: '', kind: 'Store', name: location };
}
