import { DamagedBackup } from '../../store/format/damage.ts';
import type { BackupReader } from '../../store/store.ts';
import { type CheckResult, failed, ok } from './check-result.ts';

/**
 * Every file that backup.json names has its size and sha256, and there are no others. One file at a time: a
 * forged backup must not fill the memory.
 */
export async function checkFiles(reader: BackupReader): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { path } of reader.document.files) {
    try {
      await reader.read(path);
      results.push(ok('files', path));
    } catch (error) {
      if (!(error instanceof DamagedBackup)) throw error;
      results.push(failed('files', path, error.damage));
    }
  }
  for (const { path, why } of await reader.irregularities()) results.push(failed('files', path, why));
  return results;
}
