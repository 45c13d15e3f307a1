import { DamagedBackup } from '../../store/format/damage.ts';
import { DOCUMENT, SEALED } from '../../store/format/layout.ts';
import type { BackupReader } from '../../store/store.ts';
import { checkFiles } from './check-files.ts';
import { checkHelm } from './check-helm.ts';
import { checkObjects } from './check-objects.ts';
import { type CheckResult, failed, ok } from './check-result.ts';
import { checkSettings } from './check-settings.ts';

/**
 * All that can be said of a backup without a cluster: its files, and whether they hold what backup.json says.
 * Opening it has checked backup.json itself. Where something fails here, nothing is restored from the backup, nor
 * compared with it.
 * @throws SealedBackup where it is sealed and no key at hand opens it.
 */
export async function checkContent(stored: BackupReader, toolVersion: string): Promise<CheckResult[]> {
  const lying = await checkFiles(stored);
  const opened = stored.document.sealed === undefined ? stored : await openSealed(stored, lying);
  if (!('read' in opened)) return [ok('backup.json', DOCUMENT), ...lying, ...opened];
  const reader = opened;
  const files = reader === stored ? lying : [...lying, ok('opened', SEALED), ...(await checkFiles(reader))];
  const broken = new Set(files.filter(({ status }) => status === 'failed').map(({ what }) => what));
  const intact = (path: string): boolean => !broken.has(path);
  const helm = await checkHelm(reader, intact);
  return [
    ok('backup.json', DOCUMENT),
    ...files,
    ...(await checkObjects(reader, intact, toolVersion, helm.history)),
    ...(await checkSettings(reader, intact)),
    ...helm.results,
  ];
}

/** The backup in the archive; what is wrong with that, where it can't be opened although a key fits. */
async function openSealed(
  stored: BackupReader,
  lying: readonly CheckResult[],
): Promise<BackupReader | CheckResult[]> {
  // What is wrong with the archive is said already.
  if (lying.some(({ status, what }) => status === 'failed' && what === SEALED)) return [];
  try {
    return await stored.unsealed();
  } catch (error) {
    if (!(error instanceof DamagedBackup)) throw error;
    return [failed('opened', SEALED, error.damage)];
  }
}
