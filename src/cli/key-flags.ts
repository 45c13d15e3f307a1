import type { IO } from '../output/io.ts';
import { isKeyItself } from '../store/key-file.ts';
import type { KeySources } from '../store/seal/keys.ts';
import type { SignatureSources } from '../store/sign/signatures.ts';
import type { Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';

/** On commands that open backups. Files alone: what stands on a command line, everybody on the machine can see. */
export const IDENTITY: Flag = {
  name: 'identity',
  type: 'list',
  value: 'FILE',
  explainedIn: 'keys',
  neverEmpty: true,
  describe:
    'Private key that opens sealed backups: of age, or an SSH key (repeatable; default: MEMCACHED_BACKUP_IDENTITY_FILE)',
};

/** On commands that seal to public keys. */
export const RECIPIENTS: readonly Flag[] = [
  {
    name: 'encrypt-to',
    type: 'list',
    value: 'KEY',
    explainedIn: 'keys',
    neverEmpty: true,
    describe: 'Seal to this public key: age1…, or a line of an ssh-ed25519 or ssh-rsa key (repeatable)',
  },
  {
    name: 'recipients-file',
    type: 'string',
    value: 'FILE',
    explainedIn: 'keys',
    neverEmpty: true,
    describe: 'Public keys to seal to, one a line (default: MEMCACHED_BACKUP_RECIPIENTS_FILE)',
  },
];

/** On commands that sign backups. */
export const SIGN_KEY: Flag = {
  name: 'sign-key',
  type: 'string',
  value: 'FILE',
  explainedIn: 'keys',
  neverEmpty: true,
  describe:
    'Ed25519 private key, of OpenSSH or PEM, that signs the backup (default: MEMCACHED_BACKUP_SIGN_KEY_FILE)',
};

export const ENCRYPT_PASSPHRASE: Flag = {
  name: 'encrypt-passphrase',
  type: 'boolean',
  explainedIn: 'keys',
  describe: 'Seal with a passphrase that is asked for on the terminal, instead of public keys',
};

/** On commands that save backups. */
export const SEALING: readonly Flag[] = [...RECIPIENTS, ENCRYPT_PASSPHRASE, SIGN_KEY];

/** On commands that say who signed a backup. */
export const TRUST: Flag = {
  name: 'trust',
  type: 'string',
  value: 'FILE',
  explainedIn: 'keys',
  neverEmpty: true,
  describe:
    'Allowed signers, as ssh-keygen reads it: what nobody of them signed is refused (default: MEMCACHED_BACKUP_TRUST)',
};

/**
 * The keys that flags and environment name; a flag wins over its variable.
 * @param asked who can be asked for a passphrase; undefined: nobody.
 */
export function keySources(
  values: FlagValues,
  env: NodeJS.ProcessEnv,
  asked: Pick<IO, 'askSecret'> | undefined,
): KeySources {
  const { MEMCACHED_BACKUP_RECIPIENTS_FILE: recipients, MEMCACHED_BACKUP_IDENTITY_FILE: identity } = env;
  const encryptTo = values.list('encrypt-to');
  const encryptPassphrase = values.isSet('encrypt-passphrase');
  const identities = values.list('identity');
  // Whoever names somebody, or wants a passphrase, means those alone.
  const isNamed = encryptTo.length > 0 || encryptPassphrase;
  const recipientsFile = values.text('recipients-file') ?? (isNamed ? undefined : recipients || undefined);
  return {
    encryptTo,
    recipientsFile,
    encryptPassphrase,
    identityFiles: identities.length > 0 || !identity ? identities : [identity],
    identityFlags: identities.filter((file) => !isKeyItself(file)).flatMap((file) => ['--identity', file]),
    ...(asked === undefined ? {} : { ask: (question: string) => asked.askSecret(question) }),
  };
}

/** Who signs and who is trusted, by flags and environment. */
export function signatureSources(values: FlagValues, env: NodeJS.ProcessEnv): SignatureSources {
  return {
    signKeyFile: values.text('sign-key') ?? (env.MEMCACHED_BACKUP_SIGN_KEY_FILE || undefined),
    trustFile: values.text('trust') ?? (env.MEMCACHED_BACKUP_TRUST || undefined),
  };
}
