import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupDocument } from '../../../src/model/records/backup-format.ts';

/** A backup as it lies on disk, read without the tool's help. */
export interface StoredBackup {
  folder: string;
  document: BackupDocument;
}

/** Every backup in a store (safety backups too), oldest first. */
export function backupsIn(store: string): StoredBackup[] {
  return readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/backup.json'))
    .map((path) => join(store, path))
    .map((path) => ({
      folder: join(path, '..'),
      document: JSON.parse(readFileSync(path, 'utf8')) as BackupDocument,
    }))
    .sort((a, b) => a.document.startedAt.localeCompare(b.document.startedAt));
}

/** The newest backup that `latest` could mean. @throws Error where there is none. */
export function newestBackup(store: string): StoredBackup {
  const found = backupsIn(store).findLast((backup) => backup.document.kind === 'backup');
  if (found === undefined) throw new Error(`no backup in ${store}`);
  return found;
}

/** File name → content of manifests/. */
export function manifestsOf(backup: StoredBackup): Record<string, string> {
  const folder = join(backup.folder, 'manifests');
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}
