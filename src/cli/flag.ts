/** One flag of the command line. A name means the same on every command that has it. */
export interface Flag {
  /** Without dashes: "all-namespaces". */
  name: string;
  /** One letter. */
  short?: string;
  /** "list" flags may be repeated; of the others the last one counts. */
  type: 'boolean' | 'string' | 'list';
  /** What help calls its value: DIR, FILE, CODE. Every flag but a switch has one. */
  value?: string;
  describe: string;
  /** The part of the `options` page that explains it; a command's own page then only names it. */
  explainedIn?: 'stores' | 'keys' | 'pace';
  choices?: readonly string[];
  /** One value may be several, with commas between them: `--only rollout,cache`. */
  commas?: true;
  /** What a value must be, where that can be said without knowing the rest. */
  takes?: { isValid(value: string): boolean; expected: string };
  /** What a flag without a value stands for, where it may stand alone; booleans: "true". */
  bare?: string;
  /** An empty value (`--into "$UNSET"`) is a mistake: without the flag, more or something else is written. */
  neverEmpty?: true;
  /** The flag that this one is another name of. */
  means?: string;
  /** Accepted and not shown in help. */
  hidden?: boolean;
}

/** Flags that many commands share, explained by a command of which they are the gist. */
export function explainedHere(flags: readonly Flag[]): Flag[] {
  return flags.map(({ explainedIn, ...flag }) => flag);
}

/** The value of a flag that stands alone; undefined where the next argument is its value. */
export function bareValue(flag: Flag): string | undefined {
  return flag.type === 'boolean' ? 'true' : flag.bare;
}
