import { SEALED_FORMAT_VERSION, type Sealing } from '../../model/records/backup-format.ts';
import { packArchive } from '../format/archive.ts';
import { RUNBOOK, SEALED, SEALED_TO } from '../format/layout.ts';
import { everyFile, prepareBackup } from '../format/prepare-backup.ts';
import type { BackupAddress, BackupContent } from '../store.ts';
import { type Seal, seal } from './age.ts';
import { sealedRunbook } from './sealed-runbook.ts';

/** A backup that was sealed, and the archive in it. */
export interface SealedContent {
  content: BackupContent;
  archive: Buffer;
}

/**
 * Seals a backup, in memory.
 * @throws as {@link archiveOf} does.
 */
export async function sealContent(
  address: BackupAddress,
  content: BackupContent,
  by: Seal,
): Promise<SealedContent> {
  const archive = await archiveOf(address, content, by);
  return withArchive(archive, { address, content, sealing: sealingOf(by) });
}

/**
 * The sealed archive of a whole backup as it would lie in a store, with its own backup.json: the digests of its files are in there
 * alone, for that of a short Secret can be guessed.
 * @param content of a backup that is not sealed.
 * @throws ToolError where it is too large to be opened again.
 */
export async function archiveOf(address: BackupAddress, content: BackupContent, by: Seal): Promise<Buffer> {
  const backup = prepareBackup(address, content);
  const files = everyFile(backup, backup.document(address.id));
  files.set(SEALED_TO, Buffer.from(sealedToText(by)));
  return seal(await packArchive({ address, files }, new Date(content.document.startedAt)), by);
}

/** The backup that lies in an archive, as a store takes it. */
export function withArchive(
  archive: Buffer,
  { address, content, sealing }: { address: BackupAddress; content: BackupContent; sealing: Sealing },
): SealedContent {
  return {
    archive,
    content: {
      files: [
        { path: SEALED, content: archive },
        { path: RUNBOOK, content: sealedRunbook(address, sealing) },
      ],
      document: { ...content.document, formatVersion: SEALED_FORMAT_VERSION, sealed: sealing },
    },
  };
}

/** What anybody may know of who can open it. */
export function sealingOf(by: Seal): Sealing {
  if ('passphrase' in by) return { recipients: [{ type: 'passphrase' }] };
  return { recipients: by.recipients.map(({ type, fingerprint }) => ({ type, fingerprint })) };
}

function sealedToText(by: Seal): string {
  return 'passphrase' in by
    ? '# a passphrase\n'
    : `# the public keys that this backup was sealed to\n${by.recipients.map(({ text }) => `${text}\n`).join('')}`;
}
