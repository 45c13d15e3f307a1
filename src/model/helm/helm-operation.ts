import { stringAt } from '../json/json.ts';
import { labelsOf } from '../kubernetes/object.ts';
import type { HelmRevision } from './helm-release.ts';
import { isBlocking } from './restored-record.ts';

/** Somebody is taken to be at work for so long, milliseconds: twice Helm's own --timeout of 5 minutes. */
export const AT_WORK_MS = 10 * 60 * 1000;

/** When the operation that wrote a revision began, as Helm notes it: RFC 3339; undefined where it does not. */
export function operationBegan({ document, status }: HelmRevision): string | undefined {
  return stringAt(document, 'info', status === 'uninstalling' ? 'deleted' : 'last_deployed');
}

/**
 * When a revision's record was written last, by the times that Helm's drivers and this tool put on it (labels createdAt and
 * modifiedAt, seconds: helm.sh/helm/v3/pkg/storage/driver/secrets.go): RFC 3339; undefined where it bears none. Of a revision that
 * a restore wrote back, `last_deployed` is of long ago.
 */
export function recordWrittenAt({ record }: Pick<HelmRevision, 'record'>): string | undefined {
  const { createdAt, modifiedAt } = labelsOf(record);
  const seconds = [createdAt, modifiedAt].map((text) => (/^\d{1,11}$/.test(text ?? '') ? Number(text) : 0));
  const newest = Math.max(...seconds);
  return newest === 0 ? undefined : new Date(newest * 1000).toISOString();
}

/**
 * Whether somebody may still be installing, upgrading, rolling back or uninstalling by this revision. A time that can't be
 * read keeps nobody waiting for ever.
 */
export function mayBeAtWork(revision: HelmRevision, now: Date): boolean {
  return isBlocking(revision) && now.getTime() - Date.parse(operationBegan(revision) ?? '') < AT_WORK_MS;
}
