import { normalize } from 'node:path';
import { type Command, tool } from '../advice/command.ts';

/** Used where nobody names a store; advice then needs no --store. */
export const DEFAULT_STORE = './memcached-backups';

/** How a store is named, in messages and in commands that are advised. Whoever opened it knows; no path tells. */
export interface StoreName {
  /** As the user named it. */
  readonly location: string;
  /** The words that a command needs after its others to find this store: "--store", LOCATION; none where it would by itself. */
  readonly flags: readonly string[];
  /** What a command that opens backups needs besides: "--identity", FILE; absent or none where no key was named by a flag. */
  readonly keyFlags?: readonly string[];
}

/** The command that lists what there is in a store. */
export function listCommand(
  { flags }: Pick<StoreName, 'flags'>,
  release?: string,
  namespace?: string,
): Command {
  const named = release === undefined ? [] : [release];
  return tool('list', ...named, ...(namespace === undefined ? ['-A'] : ['-n', namespace]), ...flags);
}

/** The command that says all that is wrong with a backup. @param operand as {@link BackupReader.operand}. */
export function verifyCommand(operand: readonly string[]): Command {
  return tool('verify', ...operand, '--offline');
}

/**
 * {@link StoreName.flags} of the store at `location`. One that only the environment names is written out as well, for
 * whoever pastes the command elsewhere.
 * @param inEnvironment MEMCACHED_BACKUP_STORE.
 */
export function storeFlags(location: string, inEnvironment?: string): string[] {
  const isDefault = (named: string): boolean => normalize(named) === normalize(DEFAULT_STORE);
  const isFound = isDefault(location) && isDefault(inEnvironment || DEFAULT_STORE);
  return isFound ? [] : ['--store', location];
}
