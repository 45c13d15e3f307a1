import type { BackupReader } from '../store/store.ts';
import { checkFiles } from './check-files.ts';
import { checkHelm } from './check-helm.ts';
import { checkObjects } from './check-objects.ts';
import { type CheckResult, ok } from './check-result.ts';
import { checkSettings } from './check-settings.ts';

/**
 * All that can be said of a backup without a cluster: its files, and whether they hold what backup.json says.
 * Opening it has checked backup.json itself.
 */
export async function checkContent(reader: BackupReader, toolVersion: string): Promise<CheckResult[]> {
  const files = await checkFiles(reader);
  const broken = new Set(files.filter(({ status }) => status === 'failed').map(({ what }) => what));
  const intact = (path: string): boolean => !broken.has(path);
  return [
    ok('document', 'backup.json'),
    ...files,
    ...(await checkObjects(reader, intact, toolVersion)),
    ...(await checkSettings(reader, intact)),
    ...(await checkHelm(reader, intact)),
  ];
}
