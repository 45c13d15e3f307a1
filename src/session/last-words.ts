/**
 * What is to be said of a command that does not end by itself in time, as far as it has come: filled in by the
 * command, read by whoever ends it. Empty where it has nothing half done.
 */
export class LastWords {
  #tell: (() => string[]) | undefined;

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
}
