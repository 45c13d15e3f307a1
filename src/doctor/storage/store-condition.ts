import type { Finding } from '../../model/findings/finding.ts';
import { sizeInWords } from '../../output/byte-size.ts';
import type { StoreCondition, StoreRoom } from '../../store/store.ts';
import { finding } from '../catalogue.ts';
import { codeOfTrouble } from './store-trouble.ts';

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
  const { unwritable, unguarded, rewritten, room, leftovers, exposed } = condition;
  if (unwritable !== undefined) {
    const { why, fix, trouble } = unwritable;
    found.push(
      finding(trouble === undefined ? 'MB342' : codeOfTrouble(trouble), {
        summary: `the store ${location} can’t be written`,
        evidence: [{ text: why }],
        advice: [...fix, ...(trouble?.commands ?? [])],
        about: [mark(location)],
      }),
    );
  }
  if (unguarded !== undefined) {
    found.push(
      finding('MB382', {
        summary: `two backups at once may overwrite each other in the store ${location}`,
        evidence: [{ text: unguarded }],
      }),
    );
  }
  if (rewritten !== undefined) {
    found.push(
      finding('MB389', {
        summary: `the branch of the store ${location} was rewritten`,
        evidence: [{ text: rewritten.why }],
        advice: rewritten.fix,
      }),
    );
  }
  const isFull = room !== undefined && hasLess(room, FULL, newestBytes);
  if (room !== undefined && (isFull || hasLess(room, NEARLY_FULL, newestBytes))) {
    found.push(
      finding(isFull ? 'MB343' : 'MB344', {
        summary: isFull
          ? `the store ${location} has no room for another backup`
          : `the disk of the store ${location} is nearly full`,
        evidence: [{ text: roomText(room, newestBytes) }],
        advice: room.fix,
        about: [mark(location)],
      }),
    );
  }
  if (exposed.length > 0) {
    found.push(
      finding('MB345', {
        summary: `others can write to the store ${location}`,
        evidence: exposed.map((folder) => ({ text: `${folder.location}: ${folder.why}` })),
        advice: exposed.map(({ fix }) => fix),
      }),
    );
  }
  if (leftovers.length > 0) {
    found.push(
      finding('MB360', {
        summary: `${leftovers.length} ${leftovers.length === 1 ? 'backup was' : 'backups were'} cut off and left something behind`,
        evidence: leftovers.map(({ location: text, at }) => ({ text, at })),
        advice: leftovers.map(({ fix }) => fix),
      }),
    );
  }
  return found;
}

function hasLess(
  { freeBytes = Number.POSITIVE_INFINITY, freeFiles = Number.POSITIVE_INFINITY }: StoreRoom,
  least: typeof FULL,
  newestBytes: number,
): boolean {
  return freeBytes < Math.max(least.bytes, least.backups * newestBytes) || freeFiles < least.files;
}

function roomText({ freeBytes, freeFiles }: StoreRoom, newestBytes: number): string {
  const parts = [
    freeBytes === undefined ? [] : [`${sizeInWords(freeBytes)} free`],
    freeFiles === undefined ? [] : [`${freeFiles} inodes free`],
    newestBytes === 0 ? [] : [`the newest backup takes ${sizeInWords(newestBytes)}`],
  ];
  return parts.flat().join(', ');
}

/** Stands for the store, where causes and consequences meet. */
function mark(location: string) {
  return { apiVersion: '', kind: 'Store', name: location };
}
