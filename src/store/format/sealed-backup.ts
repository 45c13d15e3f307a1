import { ToolError } from '../../errors/tool-error.ts';
import type { SealedRecipient, Sealing } from '../../model/records/backup-format.ts';

/** A sealed backup that no key at hand opens. */
export class SealedBackup extends ToolError {
  /** To whom it is sealed, and what was tried: one clause. */
  readonly why: string;
  /** Keys that were tried, and did not fit. */
  readonly tried: number;

  constructor(location: string, sealing: Sealing, tried = 0) {
    const why = `${sealedTo(sealing)}, and ${whatWasTried(tried)}`;
    super(`can't open the backup ${location}: it is ${why}`, {
      untouched: 'nothing was changed',
      next: howToOpen(sealing),
    });
    this.why = why;
    this.tried = tried;
  }
}

/** "sealed to 1a2b3c4d (x25519), …" */
export function sealedTo({ recipients }: Sealing): string {
  return `sealed to ${recipients.map(recipientInWords).join(', ')}`;
}

/** "1a2b3c4d (x25519)", or "a passphrase". */
export function recipientInWords({ type, fingerprint }: SealedRecipient): string {
  return type === 'passphrase' ? 'a passphrase' : `${fingerprint} (${type})`;
}

function whatWasTried(tried: number): string {
  if (tried === 0) return 'no key was given';
  return tried === 1 ? 'the key that was given is another' : `none of the ${tried} keys that were given fits`;
}

function howToOpen({ recipients }: Sealing): string {
  return recipients.some(({ type }) => type === 'passphrase')
    ? 'run it on a terminal, where it asks for the passphrase'
    : 'name the file with the private key: --identity FILE, or MEMCACHED_BACKUP_IDENTITY_FILE';
}
