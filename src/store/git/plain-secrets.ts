import { UsageError } from '../../errors/tool-error.ts';
import type { BackupDocument } from '../../model/records/backup-format.ts';
import { holdsRecords } from '../../model/records/held-secrets.ts';
import { isSecretKind } from '../../model/secrets/secrecy.ts';
import type { StoreName } from '../advice.ts';

/**
 * What a backup holds of Secrets, in plain text; undefined where there is nothing, it is sealed, or it was taken without
 * them. In Helm's record, wherever Helm keeps it, are every value that was given to the chart and the Secrets that it made.
 */
export function plainSecretsIn(document: BackupDocument): string | undefined {
  if (document.sealed !== undefined) return undefined;
  const count = document.objects.filter(isSecretKind).length;
  const what = [
    ...(count === 0 ? [] : [count === 1 ? 'a Secret' : `${count} Secrets`]),
    ...(holdsRecords(document) ? ["Helm's record, with its values and Secrets,"] : []),
  ];
  return what.length === 0 ? undefined : what.join(' and ');
}

/** Git keeps what it was given for good, and whoever clones has all of it. */
export class PlainSecrets extends UsageError {
  constructor({ location }: StoreName, { release }: BackupDocument, what: string) {
    super(`the backup of ${release} holds ${what} in plain text, which does not go into Git (${location})`, {
      untouched: 'nothing was saved',
      next: 'seal it: --encrypt-to RECIPIENT; or leave them out: --without-secrets; or, where everybody who can read the repository may read them, for good: --allow-plain-secrets',
    });
  }
}
