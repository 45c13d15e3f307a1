import type { BackupReader } from '../../store/store.ts';
import { checkFiles } from './check-files.ts';
import { checkHelm } from './check-helm.ts';
import { checkObjects } from './check-objects.ts';
import { type CheckResult, ok } from './check-result.ts';
import { checkSettings } from './check-settings.ts';

/**
 * All that can be said of a backup without a cluster: its files, and whether they hold what backup.json says.
 * Opening it has checked backup.json itself. Where something fails here, nothing is restored from the backup, nor
 * compared with it.
 */
export async function checkContent(reader: BackupReader, toolVersion: string): Promise<CheckResult[]> {
  const files = await checkFiles(reader);
  const broken = new Set(files.filter(({ status }) => status === 'failed').map(({ what }) => what));
  const intact = (path: string): boolean => !broken.has(path);
  const helm = await checkHelm(reader, intact);
  return [
    ok('document', 'backup.json'),
    ...files,
    ...(await checkObjects(reader, intact, toolVersion, helm.history)),
    ...(await checkSettings(reader, intact)),
    ...helm.results,
  ];
}
