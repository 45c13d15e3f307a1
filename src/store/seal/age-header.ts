import { Damage } from '../format/damage.ts';

/** What anybody can read of an age file: for whom it is, by type alone. */
export interface AgeHeader {
  /** The first word of each stanza: "X25519", "scrypt", "ssh-ed25519" … */
  types: string[];
}

const VERSION_LINE = 'age-encryption.org/v1';

/** Each is tried with each key, and that takes milliseconds. */
export const MAX_RECIPIENTS = 64;
/** The stanzas of as many post-quantum recipients, with room. */
const MAX_HEADER_BYTES = 256 * 1024;

/**
 * The header of an age file (C2SP age, "Header"), before anything of it is worked out.
 * @throws Damage where it is of another kind, or for more recipients than are tried.
 */
export function readAgeHeader(sealed: Buffer, name: string): AgeHeader {
  const start = sealed.subarray(0, MAX_HEADER_BYTES).toString('latin1');
  if (!start.startsWith(`${VERSION_LINE}\n`)) throw new Damage(`${name} is not a file of age v1`);
  const end = start.indexOf('\n--- ');
  if (end < 0)
    throw new Damage(`the header of ${name} has no end, or is longer than ${MAX_HEADER_BYTES} bytes`);
  const stanzas = start
    .slice(0, end)
    .split('\n')
    .filter((line) => line.startsWith('-> '));
  if (stanzas.length === 0 || stanzas.length > MAX_RECIPIENTS) {
    throw new Damage(`${name} is sealed to ${stanzas.length} recipients; 1 to ${MAX_RECIPIENTS} are read`);
  }
  return { types: stanzas.map((line) => line.split(' ')[1] ?? '') };
}
