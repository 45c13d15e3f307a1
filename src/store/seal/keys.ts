import { UsageError } from '../../errors/tool-error.ts';
import type { BackupKind } from '../../model/records/backup-format.ts';
import { readKeyFile } from '../key-file.ts';
import type { Openers, Seal } from './age.ts';
import { MAX_RECIPIENTS } from './age-header.ts';
import { type Identity, NoIdentity, parseIdentities } from './identity.ts';
import { distinct, NoRecipient, parseRecipient, parseRecipients, type Recipient } from './recipient.ts';

/** What the user named on the command line and in the environment. */
export interface KeySources {
  /** --encrypt-to */
  encryptTo: readonly string[];
  /** --recipients-file or MEMCACHED_BACKUP_RECIPIENTS_FILE */
  recipientsFile?: string | undefined;
  /** --encrypt-passphrase */
  encryptPassphrase?: boolean;
  /** --identity or MEMCACHED_BACKUP_IDENTITY_FILE */
  identityFiles: readonly string[];
  /** Those that stand on the command line, for advised commands: " --identity FILE". */
  identityFlags?: readonly string[];
  /** Asks for a passphrase, without showing it; undefined where nobody can be asked. "" where none was given. */
  ask?: ((question: string) => Promise<string>) | undefined;
}

export const NO_KEYS: KeySources = { encryptTo: [], identityFiles: [] };

/** The keys of one run: to whom backups are sealed, and what opens them. Files are read and questions asked once. */
export class Keys {
  readonly #sources: KeySources;
  #given: Promise<Seal | undefined> | undefined;
  #identities: Promise<Identity[]> | undefined;
  #passphrase: Promise<string> | undefined;
  #opened: Seal | undefined;

  constructor(sources: KeySources) {
    this.#sources = sources;
  }

  /** As {@link KeySources.identityFlags}; empty where there is none. */
  get flags(): readonly string[] {
    return this.#sources.identityFlags ?? [];
  }

  /**
   * What a backup of this kind is sealed with; undefined: it is not. A safety backup for which nobody was named is sealed as
   * the backup was that is being restored.
   * @throws UsageError for a recipient that is none.
   */
  async sealFor(kind: BackupKind): Promise<Seal | undefined> {
    this.#given ??= this.#readSeal();
    const given = await this.#given;
    // What a restore saves it may have to read again. What is copied was sealed with another passphrase, which is asked for.
    if (kind === 'safety' && given !== undefined && 'passphrase' in given)
      this.#passphrase = Promise.resolve(given.passphrase);
    return given ?? (kind === 'safety' ? this.#opened : undefined);
  }

  /** @throws UsageError for an identity that is none. */
  async openers(): Promise<Openers> {
    this.#identities ??= this.#readIdentities();
    const { ask } = this.#sources;
    const askOnce = (): Promise<string> => {
      this.#passphrase ??= ask?.('Passphrase of the backup') ?? Promise.resolve('');
      return this.#passphrase;
    };
    return { identities: await this.#identities, passphrase: ask === undefined ? undefined : askOnce };
  }

  /** A backup was opened that is sealed so. The first one counts: it is the one that is restored. */
  noteOpened(by: Seal): void {
    this.#opened ??= by;
  }

  async #readSeal(): Promise<Seal | undefined> {
    const { encryptTo, recipientsFile, encryptPassphrase = false } = this.#sources;
    const named = encryptTo.map((text) => recipientNamed(text));
    const ofFile = recipientsFile === undefined ? [] : await recipientsIn(recipientsFile);
    const recipients = distinct([...named, ...ofFile]);
    if (encryptPassphrase) return { passphrase: await this.#newPassphrase(recipients) };
    if (recipients.length === 0) return undefined;
    assertTogether(recipients);
    return { recipients };
  }

  async #newPassphrase(recipients: readonly Recipient[]): Promise<string> {
    const { ask } = this.#sources;
    if (recipients.length > 0) {
      throw new UsageError(
        'a backup is sealed to public keys or with a passphrase, not both: age allows no mixture',
        {
          next: 'leave out --encrypt-passphrase, or --encrypt-to and the recipients file',
        },
      );
    }
    if (ask === undefined) {
      throw new UsageError('there is no terminal to ask for the passphrase on', {
        next: 'seal to a public key instead, which needs no secret: --encrypt-to RECIPIENT',
      });
    }
    const passphrase = await ask('Passphrase to seal the backup with');
    if (passphrase === '')
      throw new UsageError('the passphrase is empty', { untouched: 'nothing was saved' });
    if ((await ask('The same again')) !== passphrase) {
      throw new UsageError('the two passphrases are not the same', { untouched: 'nothing was saved' });
    }
    return passphrase;
  }

  async #readIdentities(): Promise<Identity[]> {
    const files = await Promise.all(this.#sources.identityFiles.map(identitiesIn));
    return files.flat();
  }
}

function recipientNamed(text: string): Recipient {
  try {
    return parseRecipient(text);
  } catch (error) {
    if (!(error instanceof NoRecipient)) throw error;
    throw new UsageError(`--encrypt-to: ${error.message}`, {
      next: 'the public key that age-keygen printed (age1…), a line of an SSH public key in quotes, or --recipients-file FILE',
    });
  }
}

async function recipientsIn(file: string): Promise<Recipient[]> {
  const next = 'a file with a recipient a line: age1…, ssh-ed25519 … or ssh-rsa …; "#" begins a comment';
  const text = await readKeyFile(file, 'recipients file');
  try {
    const recipients = parseRecipients(text);
    // Nobody who names a file of recipients means a backup in plain text.
    if (recipients.length === 0) throw new NoRecipient('it names no recipient, so nothing would be sealed');
    return recipients;
  } catch (error) {
    if (error instanceof NoRecipient)
      throw new UsageError(`the recipients file ${file}: ${error.message}`, { next });
    throw error;
  }
}

async function identitiesIn(file: string): Promise<Identity[]> {
  const text = await readKeyFile(file, 'identity file');
  try {
    return parseIdentities(text);
  } catch (error) {
    if (!(error instanceof NoIdentity)) throw error;
    throw new UsageError(`the identity file ${file}: ${error.message.replaceAll('FILE', file)}`, {
      untouched: 'nothing was changed',
    });
  }
}

/** Of both, the header is as weak as the weaker one: age refuses the same mixture. */
function assertTogether(recipients: readonly Recipient[]): void {
  const postQuantum = recipients.filter(({ type }) => type === 'mlkem768x25519').length;
  if (postQuantum > 0 && postQuantum < recipients.length) {
    throw new UsageError(
      'post-quantum recipients (age1pq1…) and others do not go together: the others would let a quantum computer in',
      { next: 'seal to one sort alone; copy seals a second time, to the other' },
    );
  }
  if (recipients.length > MAX_RECIPIENTS) {
    throw new UsageError(
      `there are ${recipients.length} recipients; a backup is sealed to at most ${MAX_RECIPIENTS}`,
    );
  }
}
