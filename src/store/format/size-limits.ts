import { Damage } from './damage.ts';
import { DOCUMENT } from './layout.ts';

/**
 * Holds a file's size to what is read at most, and to what backup.json says.
 * @param expected undefined where nobody says.
 * @throws Damage
 */
export function assertSize(path: string, size: number, maximum: number, expected: number | undefined): void {
  if (size > maximum) throw new Damage(`${path} has ${size} bytes, at most ${maximum} are read`);
  if (expected !== undefined && size !== expected)
    throw new Damage(`${path} has ${size} bytes, ${DOCUMENT} says ${expected}`);
}
