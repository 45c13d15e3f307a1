import { checkSettingsDocument } from '../../store/format/document-schema.ts';
import type { BackupReader } from '../../store/store.ts';
import { type CheckResult, failed, ok } from './check-result.ts';
import { readJson, Unreadable } from './parse.ts';

const SETTINGS = 'settings.json';

/** settings.json is there, fits its schema, and is of as many pods as backup.json says. */
export async function checkSettings(
  reader: BackupReader,
  intact: (path: string) => boolean,
): Promise<CheckResult[]> {
  const { files, settings } = reader.document;
  if (!files.some(({ path }) => path === SETTINGS)) {
    return [failed('settings', SETTINGS, 'backup.json does not name it')];
  }
  if (!intact(SETTINGS)) return [];
  try {
    const document = readJson(await reader.read(SETTINGS));
    const wrong = await checkSettingsDocument(document);
    if (wrong !== undefined) return [failed('settings', SETTINGS, wrong)];
    const { pods } = document as unknown as { pods: { stats?: unknown }[] };
    const answered = pods.filter(({ stats }) => stats !== undefined).length;
    return pods.length === settings.podsAsked && answered === settings.podsAnswered
      ? [ok('settings', SETTINGS)]
      : [failed('settings', SETTINGS, 'it is of other pods than backup.json says')];
  } catch (error) {
    if (error instanceof Unreadable) return [failed('settings', SETTINGS, error.message)];
    throw error;
  }
}
