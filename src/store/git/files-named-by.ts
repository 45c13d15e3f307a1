import { isObject } from '../../model/json/json.ts';
import { parseDocument } from '../format/backup-document.ts';

/** The files that a backup.json of the branch names, to tell them from what others keep beside; undefined where it is none. */
export function filesNamedBy(bytes: Buffer | undefined): Set<string> | undefined {
  try {
    const document = bytes === undefined ? undefined : parseDocument(bytes);
    if (!isObject(document) || !Array.isArray(document.files)) return undefined;
    return new Set(
      document.files.flatMap((file) => (isObject(file) && typeof file.path === 'string' ? [file.path] : [])),
    );
  } catch {
    return undefined;
  }
}
