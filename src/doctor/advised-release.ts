import { type Command, tool, type Word } from '../advice/command.ts';

/** A release that a finding is about, and what commands about it need. */
export interface AdvisedRelease {
  namespace: string;
  name: string;
  /** As {@link StoreName.flags}. */
  store: readonly string[];
  /** As {@link StoreName.keyFlags}; absent where there are none. */
  keys?: readonly string[];
  /** --cluster-name, where it was given: the cluster's folder in the store. */
  clusterName?: string | undefined;
}

/** `verify cart -n shop --store DIR`, with further words. @param command its name: "permissions restore". */
export function commandAbout(
  { name, namespace, store, keys = [], clusterName }: AdvisedRelease,
  command: string,
  ...words: Word[]
): Command {
  // A list is of every cluster.
  const cluster = clusterName === undefined || command === 'list' ? [] : ['--cluster-name', clusterName];
  // A backup is sealed with a public key: none to open it is needed.
  const opening = command === 'backup' || command === 'list' ? [] : keys;
  return tool(...command.split(' '), name, '-n', namespace, ...store, ...opening, ...cluster, ...words);
}

export function releaseOf({ namespace, name }: AdvisedRelease): { namespace: string; name: string } {
  return { namespace, name };
}
