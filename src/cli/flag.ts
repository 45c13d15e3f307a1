/** One flag of the command line. A name means the same on every command that has it. */
export interface Flag {
  /** Without dashes: "all-namespaces". */
  name: string;
  /** One letter. */
  short?: string;
  /** "list" flags may be repeated; of the others the last one counts. */
  type: 'boolean' | 'string' | 'list';
  describe: string;
  choices?: readonly string[];
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

/** The value of a flag that stands alone; undefined where the next argument is its value. */
export function bareValue(flag: Flag): string | undefined {
  return flag.type === 'boolean' ? 'true' : flag.bare;
}
