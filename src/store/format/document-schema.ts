import { isObject } from '../../model/json/json.ts';
import { SEALED_FORMAT_VERSION } from '../../model/records/backup-format.ts';
import { type Definition, validators } from './schema-validators.ts';

/** @returns what is wrong with `value` as a backup.json ("/files/0/size must be integer"), or undefined. */
export function checkBackupDocument(value: unknown): Promise<string | undefined> {
  const isSealed = isObject(value) && value.formatVersion === SEALED_FORMAT_VERSION;
  return check(isSealed ? 'SealedBackupDocument' : 'BackupDocument', value);
}

/** @returns what is wrong with `value` as a settings.json, or undefined. */
export function checkSettingsDocument(value: unknown): Promise<string | undefined> {
  return check('SettingsDocument', value);
}

async function check(definition: Definition, value: unknown): Promise<string | undefined> {
  const validate = (await validators())[definition];
  if (validate(value)) return undefined;
  const [error] = validate.errors ?? [];
  const extra = error?.keyword === 'additionalProperties' ? ` ("${error.params.additionalProperty}")` : '';
  return `${error?.instancePath ?? ''} ${error?.message ?? 'does not match'}${extra}`.trim();
}
