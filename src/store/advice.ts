import { normalize } from 'node:path';

/** Used where nobody names a store; advice then needs no --store. */
export const DEFAULT_STORE = './memcached-backups';

/** How a store is named, in messages and in commands that are advised. Whoever opened it knows; no path tells. */
export interface StoreName {
  /** As the user named it. */
  readonly location: string;
  /** What a command needs after its other words to find this store: " --store LOCATION"; "" where it would by itself. */
  readonly flag: string;
  /** What a command that opens backups needs besides: " --identity FILE"; absent or "" where no key was named by a flag. */
  readonly keyFlag?: string;
}

/** The command that lists what there is in a store. */
export function listCommandLine(
  { flag }: Pick<StoreName, 'flag'>,
  release?: string,
  namespace?: string,
): string {
  const words = [
    'kubectl memcached-backup list',
    ...(release === undefined ? [] : [release]),
    namespace === undefined ? '-A' : `-n ${namespace}`,
  ];
  return `${words.join(' ')}${flag}`;
}

/** The command that says all that is wrong with a backup. @param operand as {@link BackupReader.operand}. */
export function verifyCommandLine(operand: string): string {
  return `kubectl memcached-backup verify ${operand} --offline`;
}

/**
 * {@link StoreName.flag} of the store at `location`. One that only the environment names is written out as well, for
 * whoever pastes the command elsewhere.
 * @param inEnvironment MEMCACHED_BACKUP_STORE.
 */
export function storeFlag(location: string, inEnvironment?: string): string {
  const isDefault = (named: string): boolean => normalize(named) === normalize(DEFAULT_STORE);
  const isFound = isDefault(location) && isDefault(inEnvironment || DEFAULT_STORE);
  return isFound ? '' : ` --store ${shellWord(location)}`;
}

/** `text` as one word of a shell's command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
