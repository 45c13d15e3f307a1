import { Damage } from './damage.ts';
import { SIGNATURE } from './layout.ts';
import type { StoredFiles } from './stored-files.ts';

/** Some 300 bytes of an Ed25519 key; a listing reads one of every backup. */
export const MAX_SIGNATURE_BYTES = 16 * 1024;

/** backup.json.sig; undefined where there is none. @throws Damage where it can't be read. */
export async function readSignature(files: StoredFiles): Promise<string | undefined> {
  try {
    return (await files.read(SIGNATURE, MAX_SIGNATURE_BYTES)).toString();
  } catch (error) {
    if (error instanceof Damage && error.missing) return undefined;
    throw error;
  }
}
