import { UsageError } from '../../errors/tool-error.ts';

/** "YYYYMMDDTHHMMSSZ", with "-2", "-3" … where a backup of that second exists already. */
const ID = /^\d{8}T\d{6}Z(?:-(?:[2-9]|[1-9]\d+))?$/;
/** Helm's rule for release names (helm.sh/helm/v3/pkg/chartutil, ValidateReleaseName): a DNS-1123 subdomain. */
const RELEASE = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

export function backupId(at: Date): string {
  return `${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
}

/** The moment in an id, to the second. NaN for what is no id. */
export function timeOfId(id: string): number {
  if (!isBackupId(id)) return Number.NaN;
  const part = (from: number, to = from + 2): string => id.slice(from, to);
  return Date.parse(`${part(0, 4)}-${part(4)}-${part(6)}T${part(9)}:${part(11)}:${part(13)}Z`);
}

export function isBackupId(text: string): boolean {
  return ID.test(text);
}

/** The same moment's next id: 20261122T101500Z, 20261122T101500Z-2, 20261122T101500Z-3 … */
export function nextId(id: string): string {
  const [stem = id, suffix] = id.split('-');
  return `${stem}-${suffix === undefined ? 2 : Number(suffix) + 1}`;
}

/** Orders ids by moment, then by suffix as a number. */
export function compareIds(a: string, b: string): number {
  const [stemA = '', suffixA = '1'] = a.split('-');
  const [stemB = '', suffixB = '1'] = b.split('-');
  if (stemA !== stemB) return stemA < stemB ? -1 : 1;
  return Number(suffixA) - Number(suffixB);
}

/** Whether `text` may be the beginning of an id, or a whole one: at least the year. */
export function isIdPrefix(text: string): boolean {
  return /^\d{4}(?:\d{0,4}|\d{4}T\d{0,6}|\d{4}T\d{6}Z(?:-\d*)?)$/.test(text);
}

export function isReleaseName(text: string): boolean {
  return text.length <= 253 && RELEASE.test(text);
}

/** @throws UsageError where `release` can't be a release's name (it would also become a folder's name). */
export function assertReleaseName(release: string): void {
  if (!isReleaseName(release)) {
    throw new UsageError(
      `"${release}" is not a release name (lower-case letters, digits, "-" and ".", at most 253 characters)`,
    );
  }
}
