import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { openStore } from '../../src/store/open-store.ts';
import { type KeySources, Keys, NO_KEYS } from '../../src/store/seal/keys.ts';
import { type SealingOptions, sealingStore } from '../../src/store/seal/sealing-store.ts';
import type { JournalStore } from '../../src/store/store.ts';
import { temporaryFolder } from '../unit/store/temporary-folder.ts';

/** A key pair: the file of the private half, and the public one. */
export interface TestKey {
  file: string;
  recipient: string;
}

/** A new key of age, in a file as age-keygen writes it. */
export async function aKey(t: TestContext): Promise<TestKey> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const file = join(await temporaryFolder(t), 'key.txt');
  writeFileSync(file, `# created: today\n# public key: ${recipient}\n${identity}\n`, { mode: 0o600 });
  return { file, recipient };
}

/** A new key of OpenSSH. */
export async function anSshKey(
  t: TestContext,
  options: readonly string[] = ['-t', 'ed25519'],
): Promise<TestKey> {
  const file = join(await temporaryFolder(t), 'id');
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'somebody@example', ...options, '-f', file]);
  return { file, recipient: execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim() };
}

/** A folder store that seals and opens with these keys. */
export async function aSealingStore(
  location: string,
  sources: Partial<KeySources> = {},
  options?: SealingOptions,
): Promise<JournalStore> {
  const store = (await openStore(location)) as JournalStore;
  return sealingStore(store, new Keys({ ...NO_KEYS, ...sources }), options);
}
