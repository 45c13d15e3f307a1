/**
 * A script's code cache holds the functions that were compiled when it was taken, and V8 reads all of it at once. So there is one for
 * each group of commands that need about the same functions, by the name of one of them.
 */
const PROFILES: Readonly<Record<string, string>> = {
  backup: 'backup',
  status: 'status',
  diff: 'diff',
  verify: 'verify',
  doctor: 'doctor',
  restore: 'restore',
  rollback: 'restore',
  undo: 'restore',
  drill: 'restore',
  warm: 'restore',
};

/** Of whatever does little. */
const LIGHT = 'list';

/** Has the cache of each script, also of those that no warm-up needs. */
export const COMPLETE_PROFILE = 'backup';

/** Of what answers a shell: a script of its own. */
export const COMPLETION_PROFILE = 'completion';

/** The group that a command line is of; a wrong guess (`-n backup list`) costs a few milliseconds. */
export function profileOf(argv: readonly string[]): string {
  const command = argv.find((word) => Object.hasOwn(PROFILES, word));
  return command === undefined ? LIGHT : PROFILES[command]!;
}

/** The asset that holds a script's cache for a group of commands. */
export function cacheAsset(script: string, profile: string): string {
  return `${script}.${profile}.cache`;
}

/** Begins the lines of the build that say how much of a command's code its cache holds. */
export const SHARE_LINE = 'in the code cache: ';
