import { FORMAT_VERSION } from '../../model/records/backup-format.ts';
import type { BackupContent, BackupReader } from '../store.ts';

/**
 * A whole backup as it was before it was sealed, to be saved elsewhere: sealed to others, or not at all.
 * @throws as BackupReader.unsealed does; DamagedBackup where a file is not as it was.
 */
export async function plainContent(reader: BackupReader): Promise<BackupContent> {
  const plain = await reader.unsealed();
  const { sealed: _, ...document } = plain.document;
  const files: { path: string; content: Buffer }[] = [];
  // One after the other: a forged backup must not fill the memory with more than it holds.
  for (const { path } of document.files) files.push({ path, content: await plain.read(path) });
  return { files, document: { ...document, formatVersion: FORMAT_VERSION, files: [] } };
}
