import { advice } from '../advice/advice.ts';
import { checkContent } from '../backup/checks/check-content.ts';
import { checkFiles } from '../backup/checks/check-files.ts';
import type { CheckResult } from '../backup/checks/check-result.ts';
import { verifyCommand } from '../store/advice.ts';
import { DamagedBackup } from '../store/format/damage.ts';
import type { BackupContent, BackupReader } from '../store/store.ts';

/** A backup that is to be copied, with its backup.json byte for byte. */
export interface FinishedContent extends BackupContent {
  files: { path: string; content: Buffer }[];
  finished: Buffer;
}

/**
 * All of a backup, as it is: a sealed one stays sealed. What `verify --offline` finds is found first; of a sealed one, every
 * byte is held to its digest.
 * @throws DamagedBackup
 */
export async function soundContent(reader: BackupReader, version: string): Promise<FinishedContent> {
  const { document, documentBytes } = reader;
  const results =
    document.sealed === undefined ? await checkContent(reader, version) : await checkFiles(reader);
  assertSound(reader, results);
  const files: { path: string; content: Buffer }[] = [];
  for (const { path } of document.files) files.push({ path, content: await reader.read(path) });
  const signature = await reader.signature();
  const signed = signature === undefined ? {} : { signature: () => signature };
  return { files, document, finished: documentBytes, ...signed };
}

/** @throws DamagedBackup naming the first that is wrong. */
export function assertSound({ location, operand }: BackupReader, results: readonly CheckResult[]): void {
  const wrong = results.find((result) => result.status === 'failed');
  if (wrong?.status !== 'failed') return;
  const next = advice`see all of it: ${verifyCommand(operand)}`;
  throw new DamagedBackup(location, `${wrong.what}: ${wrong.why}`, next, 'nothing of it was copied');
}
