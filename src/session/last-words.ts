/**
 * What is to be said of a command that does not end by itself in time, as far as it has come: filled in by the
 * command, read by whoever ends it. Empty where it has nothing half done.
 */
export class LastWords {
  #tell: (() => string[]) | undefined;
  #masked: (text: string) => string = (text) => text;

  /** Does `work`; until it ends, `tell` says where it stands, a line each. */
  async during<T>(tell: () => string[], work: () => Promise<T>): Promise<T> {
    const before = this.#tell;
    this.#tell = tell;
    try {
      return await work();
    } finally {
      this.#tell = before;
    }
  }

  get lines(): string[] {
    return this.#tell?.() ?? [];
  }

  /** From now on whoever ends the command takes secrets out of what is said so. */
  maskBy(masked: (text: string) => string): void {
    this.#masked = masked;
  }

  /** A text without the secrets that are known by now. */
  masked(text: string): string {
    return this.#masked(text);
  }
}
