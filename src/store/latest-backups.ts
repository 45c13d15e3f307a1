import { compareIds } from '../model/records/backup-id.ts';
import type { ListedBackup } from './store.ts';

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/**
 * The one rule of what `latest` may be: complete, undamaged and no safety backup. One that holds neither a workload
 * nor a pod of memcached is passed over where there is another: it was taken of a release that was gone already.
 * @param backups of one release.
 * @returns the newest first: `latest`, then `previous`.
 */
export function latestBackups(backups: readonly ListedBackup[]): ListedBackup[] {
  const fit = withoutHollow(backups.filter((backup) => unfit(backup) === undefined));
  return fit.sort((a, b) => compareIds(b.address.id, a.address.id));
}

/** The same without those that hold nothing of memcached, unless there are no others. */
export function withoutHollow(backups: readonly ListedBackup[]): ListedBackup[] {
  const solid = backups.filter((backup) => !isHollow(backup));
  return solid.some(({ damage }) => damage === undefined) ? solid : [...backups];
}

/** Why `latest` never is this backup; undefined where it may be. */
export function unfit({ document, damage }: ListedBackup): string | undefined {
  if (damage !== undefined) return `damaged: ${damage}`;
  if (document?.kind === 'safety') return 'safety backup';
  if (document?.complete !== true) return 'incomplete';
  return undefined;
}

/** Whether a backup holds neither a workload of the release nor a pod of memcached. */
export function isHollow({ document }: ListedBackup): boolean {
  if (document === undefined) return false;
  const { objects, health, settings } = document;
  return (
    health.podsWanted === 0 &&
    settings.podsAsked === 0 &&
    !objects.some(({ kind, role }) => role === 'owned' && WORKLOADS.has(kind))
  );
}
