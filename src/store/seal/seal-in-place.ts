import type { Sealing } from '../../model/records/backup-format.ts';
import { DamagedBackup } from '../format/damage.ts';
import { SEALED } from '../format/layout.ts';
import type { BackupAddress, BackupContent, BackupReader, InPlaceStore } from '../store.ts';
import type { Seal } from './age.ts';
import { contentMark, isMarkOf, type MarkedArchive } from './content-mark.ts';
import { archiveOf, type SealedContent, sealingOf, withArchive } from './seal-content.ts';

/** To whom it is sealed, and what tells that it is already. */
export interface SealInPlace {
  by: Extract<Seal, { recipients: unknown }>;
  /** As contentSecret gives it. */
  secret: Uint8Array;
}

/**
 * Seals a backup for a store that keeps every change for good. What age makes of the same content differs each time; so where the
 * backup is the one that lies there, sealed to the same keys, but for the time, that archive serves for it too, and nothing changes.
 * @throws as archiveOf does; ToolError where the store can't be read.
 */
export async function sealInPlace(
  store: InPlaceStore,
  address: BackupAddress,
  content: BackupContent,
  { by, secret }: SealInPlace,
): Promise<SealedContent> {
  const marked = { address, content, recipients: by.recipients };
  const earlier = await store.inPlace(address);
  const same = earlier === undefined ? undefined : await sameArchive(earlier, secret, marked);
  const archive = same?.archive ?? (await archiveOf(address, content, by));
  const mark = same?.marks ?? { contentMark: contentMark(secret, { ...marked, archive }) };
  return withArchive(archive, { address, content, sealing: { ...sealingOf(by), ...mark } });
}

/** The archive of the backup in place, where it holds just this one; whoever can write to the store may have put it there. */
async function sameArchive(
  earlier: BackupReader,
  secret: Uint8Array,
  marked: Omit<MarkedArchive, 'archive'>,
): Promise<{ archive: Buffer; marks: Pick<Sealing, 'since' | 'contentMark'> } | undefined> {
  const { id, sealed } = earlier.document;
  if (sealed?.contentMark === undefined) return undefined;
  const { contentMark: mark, since = id } = sealed;
  try {
    const archive = await earlier.read(SEALED);
    const address = { ...marked.address, id: since };
    if (!isMarkOf(mark, secret, { ...marked, address, archive })) return undefined;
    return { archive, marks: { since, contentMark: mark } };
  } catch (error) {
    if (error instanceof DamagedBackup) return undefined;
    throw error;
  }
}
