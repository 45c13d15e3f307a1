import { UsageError } from '../errors/tool-error.ts';
import type { Flag } from './flag.ts';

/** The flags of one command line, by name and type. Empty text means "not given", as in kubectl, unless refused. */
export class FlagValues {
  readonly #values: ReadonlyMap<string, string[]>;

  /** @throws UsageError for a value that its flag does not take. */
  constructor(values: ReadonlyMap<string, string[]>, flags: readonly Flag[]) {
    const split = new Map(values);
    for (const flag of flags) {
      const given = values.get(flag.name);
      if (given === undefined) continue;
      const each = flag.commas === true ? given.flatMap((value) => value.split(',')) : given;
      for (const value of each) check(flag, value);
      split.set(flag.name, each);
    }
    this.#values = split;
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1) || undefined;
  }

  /** A flag with `choices`, narrowed by the caller's own list of them. */
  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const text = this.text(name);
    return choices.find((choice) => choice === text) ?? otherwise;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  isSet(name: string): boolean {
    return this.#values.get(name)?.at(-1) === 'true';
  }

  list(name: string): string[] {
    return (this.#values.get(name) ?? []).filter((value) => value !== '');
  }
}

function check(flag: Flag, value: string): void {
  if (value === '' && flag.neverEmpty === true) {
    throw new UsageError(`--${flag.name} is empty: give it a value, or leave it out`);
  }
  if (flag.takes !== undefined && value !== '' && !flag.takes.isValid(value)) {
    throw new UsageError(`"${value}" is not a value for --${flag.name} (expected ${flag.takes.expected})`);
  }
  const choices = flag.type === 'boolean' ? ['true', 'false'] : flag.choices;
  if (choices === undefined || choices.includes(value) || value === '') return;
  throw new UsageError(`"${value}" is not a value for --${flag.name} (expected ${choices.join(', ')})`);
}
