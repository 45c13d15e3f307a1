import { stringAt } from '../json/json.ts';
import type { HelmRevision } from './helm-release.ts';
import { isBlocking } from './restored-record.ts';

/** Somebody is taken to be at work for so long, milliseconds: twice Helm's own --timeout of 5 minutes. */
export const AT_WORK_MS = 10 * 60 * 1000;

/** When the operation that wrote a revision began, as Helm notes it: RFC 3339; undefined where it does not. */
export function operationBegan({ document, status }: HelmRevision): string | undefined {
  return stringAt(document, 'info', status === 'uninstalling' ? 'deleted' : 'last_deployed');
}

/**
 * Whether somebody may still be installing, upgrading, rolling back or uninstalling by this revision. A time that can't be
 * read keeps nobody waiting for ever.
 */
export function mayBeAtWork(revision: HelmRevision, now: Date): boolean {
  return isBlocking(revision) && now.getTime() - Date.parse(operationBegan(revision) ?? '') < AT_WORK_MS;
}
