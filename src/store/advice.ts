import { join, normalize } from 'node:path';

/** Used where nobody names a store; advice then needs no --store. */
export const DEFAULT_STORE = './memcached-backups';

/** The command that lists what there is, in the store that was used. */
export function listCommand(location: string, release?: string, namespace?: string): string {
  const words = [
    'kubectl memcached-backup list',
    ...(release === undefined ? [] : [release]),
    namespace === undefined ? '-A' : `-n ${namespace}`,
  ];
  return `${words.join(' ')}${storeFlag(location)}`;
}

/** " --store LOCATION", to put after a command that is advised; nothing for the default store. */
export function storeFlag(location: string): string {
  return normalize(location) === normalize(DEFAULT_STORE) ? '' : ` --store ${shellWord(location)}`;
}

/** `text` as one word of a shell's command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The store that holds the backup at `location`: <store>/<cluster>/<namespace>/<release>/<id>. */
export function storeOf(location: string): string {
  return join(location, '../../../..');
}
