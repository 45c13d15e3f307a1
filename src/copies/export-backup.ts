import { UsageError } from '../errors/tool-error.ts';
import { holdsSecrets } from '../model/records/held-secrets.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import { reading } from '../session/under-way.ts';
import { locateBackup } from '../store/find/locate-backup.ts';
import { packArchive } from '../store/format/archive.ts';
import { everyFile, prepareBackup } from '../store/format/prepare-backup.ts';
import { isArchiveName } from '../store/open-store.ts';
import { signaturesOf } from '../store/seal/sealing-store.ts';
import type { BackupAddress } from '../store/store.ts';
import { assertNotThere, writeFileWhole } from '../store/whole-file.ts';
import { soundContent } from './sound-content.ts';

export interface WantedExport {
  /** RELEASE[@ID] or a path. */
  backup: string;
  file: string;
  /** -n */
  namespace?: string;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** Write over a file that is there. */
  force: boolean;
}

export interface Exported {
  address: BackupAddress;
  file: string;
  bytes: number;
  holdsSecrets: boolean;
}

/**
 * Writes one backup into a .tar.gz, 0600, whole or not at all: the same bytes for the same backup.
 * @throws UsageError where the file is there, or has another name; DamagedBackup; ToolError.
 */
export async function exportBackup(wanted: WantedExport, context: CommandContext): Promise<Exported> {
  const { backup: name, file, namespace, clusterName, force } = wanted;
  if (!isArchiveName(file)) {
    throw new UsageError(`"${file}" is no name for an archive`, { next: 'name a file: backup.tar.gz' });
  }
  // Told before anything is read; that it is there by then is told as well.
  if (!force) await assertNotThere(file);
  const { address, archive, isPlain } = await reading(
    context,
    'Reading the backup',
    'nothing was written',
    async () => {
      const here = currentScope(context);
      const reader = await (await locateBackup(context.store, { name, namespace, clusterName, here })).open();
      await signaturesOf(await context.store()).assertTrusted(reader, context.now());
      const { address, document } = reader;
      const backup = prepareBackup(address, await soundContent(reader, context.version));
      const files = everyFile(backup, backup.document(address.id));
      return {
        address,
        archive: await packArchive({ address, files }, new Date(document.startedAt)),
        isPlain: document.sealed === undefined && holdsSecrets(document),
      };
    },
  );
  await writeFileWhole(file, archive, { force });
  return { address, file, bytes: archive.length, holdsSecrets: isPlain };
}
