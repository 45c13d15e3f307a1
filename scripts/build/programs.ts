/**
 * The scripts that hold the commands, by name. V8 reads all of a code cache, and makes every function of a script known, before the first one runs: so
 * commands that need about the same functions have a script to themselves.
 */
export const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  list: ['list'],
  show: ['show', 'version'],
  backup: ['backup'],
  status: ['status'],
  diff: ['diff'],
  verify: ['verify'],
  doctor: ['doctor'],
  restore: ['restore', 'rollback', 'undo', 'drill', 'warm'],
};

/** The one that holds every command. Its caches serve the libraries, also for the others. */
export const WHOLE_PROGRAM = 'main';

/** What answers a shell that completes a line. */
export const COMPLETION_PROGRAM = 'completion';

/** Which of them runs a line: only the first word tells what command it is without knowing the flags. */
export function programOf([first = '']: readonly string[]): string {
  return Object.keys(PROGRAMS).find((name) => PROGRAMS[name]!.includes(first)) ?? WHOLE_PROGRAM;
}

export function scriptOf(program: string): string {
  return `${program}.js`;
}

/** The asset that holds a script's cache for a program. */
export function cacheAsset(script: string, program: string): string {
  return `${script}.${program}.cache`;
}

/** Begins the lines of the build that say how much of a command's code its cache holds. */
export const SHARE_LINE = 'in the code cache: ';
