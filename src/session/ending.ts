/**
 * What became of a command, in one clause, for whoever sees nothing of it but how its process ended: a pod's status, say.
 * The command keeps it true as it goes on; it is read by whoever ends the process, also where that is a signal.
 */
export class Ending {
  #tell: (() => string) | undefined;

  /** From now on this is told: how far the command has come, or all that it came to. */
  is(tell: () => string): void {
    this.#tell = tell;
  }

  /** undefined where the command had not begun. */
  get text(): string | undefined {
    return this.#tell?.();
  }
}
