import type { BackupDocument, SettingsDocument } from '../model/records/backup.ts';

/** @returns what is wrong with `value` as a backup.json ("/files/0/size must be integer"), or undefined. */
export function checkBackupDocument(value: unknown): Promise<string | undefined> {
  return check<BackupDocument>('BackupDocument', value);
}

/** @returns what is wrong with `value` as a settings.json, or undefined. */
export function checkSettingsDocument(value: unknown): Promise<string | undefined> {
  return check<SettingsDocument>('SettingsDocument', value);
}

async function check<T>(definition: string, value: unknown): Promise<string | undefined> {
  const [{ Ajv }, { default: schema }] = await Promise.all([
    import('ajv'),
    import('../model/records/backup-v1.schema.json', { with: { type: 'json' } }),
  ]);
  // The schema itself is checked by a test, not in every run.
  const ajv = new Ajv({ meta: false, validateSchema: false });
  ajv.addSchema(schema, 'v1');
  const validate = ajv.compile<T>({ $ref: `v1#/definitions/${definition}` });
  if (validate(value)) return undefined;
  const [error] = validate.errors ?? [];
  const extra = error?.keyword === 'additionalProperties' ? ` ("${error.params.additionalProperty}")` : '';
  return `${error?.instancePath ?? ''} ${error?.message ?? 'does not match'}${extra}`.trim();
}
