import type { Advice } from '../../advice/advice.ts';
import { ToolError } from '../../errors/tool-error.ts';

/**
 * What is wrong with a backup, in one sentence. `list` shows it beside the backup, `open` makes it a
 * {@link DamagedBackup}; it never leaves the store as it is.
 */
export class Damage extends Error {
  /** A file that should be there is not. */
  readonly missing: boolean;
  /** Nobody knows whether something is wrong with the backup: it could not be read, or is of a newer format. */
  readonly unreadable: boolean;

  constructor(
    message: string,
    { missing = false, unreadable = false }: { missing?: boolean; unreadable?: boolean } = {},
  ) {
    super(message);
    this.missing = missing;
    this.unreadable = unreadable;
  }
}

/** A backup that can't be used; `verify` reports its damage as a result, everything else ends with it. */
export class DamagedBackup extends ToolError {
  /** The bare sentence: "helm/values.yaml is missing". */
  readonly damage: string;

  constructor(location: string, damage: string, next: Advice, untouched?: string) {
    super(`the backup ${location} is damaged: ${damage}`, {
      next,
      ...(untouched === undefined ? {} : { untouched }),
    });
    this.damage = damage;
  }
}
