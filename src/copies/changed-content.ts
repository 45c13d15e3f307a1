import { checkContent } from '../backup/checks/check-content.ts';
import { RUNBOOK } from '../store/format/layout.ts';
import { plainContent } from '../store/seal/plain-content.ts';
import { SIGNED_RUNBOOK } from '../store/sign/signed-runbook.ts';
import type { BackupContent, BackupReader } from '../store/store.ts';
import { assertSound } from './sound-content.ts';

/**
 * All of a backup as it was before anybody sealed or signed it. What `verify --offline` finds inside is found first.
 * @throws DamagedBackup; SealedBackup where no key at hand opens it.
 */
export async function changedContent(reader: BackupReader, version: string): Promise<BackupContent> {
  // Opened first: that no key fits is no damage.
  await reader.unsealed();
  assertSound(reader, await checkContent(reader, version));
  const { files, document } = await plainContent(reader);
  return { files: files.map((file) => (file.path === RUNBOOK ? unsigned(file) : file)), document };
}

/** How the signature is checked, it says no more than there is one. */
function unsigned({ path, content }: BackupContent['files'][number]): BackupContent['files'][number] {
  const text = Buffer.from(content as Uint8Array).toString();
  return { path, content: text.endsWith(SIGNED_RUNBOOK) ? text.slice(0, -SIGNED_RUNBOOK.length) : content };
}
