import { isSecretKind } from '../secrets/secrecy.ts';
import type { BackupDocument } from './backup-format.ts';

/** Whether a backup holds Helm's records: one that was taken without Secrets knows the release as Helm's, and holds none. */
export function holdsRecords({
  helm,
  withoutSecrets,
}: Pick<BackupDocument, 'helm' | 'withoutSecrets'>): boolean {
  return helm !== undefined && withoutSecrets === undefined;
}

/** Whether the files of a backup hold what Secrets hold: in them, or in Helm's records; in plain text, unless it is sealed. */
export function holdsSecrets(document: Pick<BackupDocument, 'helm' | 'withoutSecrets' | 'objects'>): boolean {
  return holdsRecords(document) || document.objects.some(isSecretKind);
}

/** Whether an incomplete backup lacks nothing but what whoever took it wanted left out (`--without-secrets`). */
export function lacksOnlyWhatWasAsked({
  withoutSecrets,
  skipped,
}: Pick<BackupDocument, 'withoutSecrets' | 'skipped'>): boolean {
  return withoutSecrets !== undefined && skipped.every(({ asked }) => asked === true);
}
