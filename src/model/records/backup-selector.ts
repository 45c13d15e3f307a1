import { tool } from '../../advice/command.ts';
import { UsageError } from '../../errors/tool-error.ts';
import { assertReleaseName, isBackupId, isIdPrefix } from './backup-id.ts';
import { MOMENTS, momentOf } from './moment.ts';

/** What [NAMESPACE/]RELEASE[@ID] on the command line names. */
export interface BackupSelector {
  /** Where it is named with the release. */
  namespace?: string;
  release: string;
  /**
   * A backup's id or the beginning of one, a word that the store resolves, or a moment (moment.ts): the newest backup that
   * there was then.
   */
  id: 'latest' | 'previous' | 'healthy' | (string & {});
}

const WORDS = new Set(['latest', 'previous', 'healthy']);
/** A namespace is a DNS-1123 label (k8s.io/apimachinery/pkg/util/validation). */
const QUALIFIED = /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\/([^/]+)$/;

/**
 * Parses `RELEASE`, or `RELEASE@` and latest, previous, healthy, an id, the beginning of one, or a moment; in front of it a
 * namespace, as `-o name` prints it.
 * @param storeFlags what the command that is advised needs, to find the store in use.
 * @throws UsageError naming the part that is wrong.
 */
export function parseSelector(text: string, storeFlags: readonly string[] = []): BackupSelector {
  const { namespace, name } = splitNamespace(text);
  const at = name.indexOf('@');
  const release = at < 0 ? name : name.slice(0, at);
  const id = at < 0 ? 'latest' : name.slice(at + 1);
  assertReleaseName(release);
  if (!namesBackup(id)) {
    throw new UsageError(
      `"${id}" is no backup of ${release}: expected latest, previous, healthy, YYYYMMDDTHHMMSSZ or the beginning of it, or a moment such as ${MOMENTS}`,
      { next: tool('list', release, ...storeFlags) },
    );
  }
  return { ...(namespace === undefined ? {} : { namespace }), release, id };
}

/** NAMESPACE/NAME in its parts; without a namespace, the name alone. */
export function splitNamespace(text: string): { namespace?: string; name: string } {
  const [, namespace, name] = QUALIFIED.exec(text) ?? [];
  return namespace === undefined || name === undefined ? { name: text } : { namespace, name };
}

/** As `-o name` prints a backup, and as it is taken wherever one is named. */
export function qualifiedName(address: { namespace: string; release: string; id: string }): string {
  return `${address.namespace}/${address.release}@${address.id}`;
}

/** Whether it may stand after "@": a word, an id, the beginning of one, or a moment. */
export function namesBackup(id: string): boolean {
  return WORDS.has(id) || isBackupId(id) || isIdPrefix(id) || momentOf(id, new Date()) !== undefined;
}
