import { type Command, tool, type Word } from '../advice/command.ts';

/** A release that a finding is about, and what commands about it need. */
export interface AdvisedRelease {
  namespace: string;
  name: string;
  /** As {@link StoreName.flags}. */
  store: readonly string[];
}

/** `verify cart -n shop --store DIR`, with further words. @param command its name: "permissions restore". */
export function commandAbout(
  { name, namespace, store }: AdvisedRelease,
  command: string,
  ...words: Word[]
): Command {
  return tool(...command.split(' '), name, '-n', namespace, ...store, ...words);
}

export function releaseOf({ namespace, name }: AdvisedRelease): { namespace: string; name: string } {
  return { namespace, name };
}
