import type { VerificationDocument } from '../model/records/backup-format.ts';
import { timeOfId } from '../model/records/backup-id.ts';
import { formatAge } from '../output/age.ts';
import { formatBytes } from '../output/byte-size.ts';
import type { Column } from '../output/table.ts';
import type { ListedBackup } from '../store/store.ts';

/** The columns of `list`. The cluster is shown where there are several, or with -o wide. */
export function listColumns(backups: readonly ListedBackup[], now: Date): Column<ListedBackup>[] {
  const several = new Set(backups.map(({ address }) => address.cluster)).size > 1;
  return [
    { header: 'CLUSTER', cell: ({ address }) => address.cluster, wide: !several },
    { header: 'NAMESPACE', cell: ({ address }) => address.namespace },
    { header: 'RELEASE', cell: ({ address }) => address.release },
    { header: 'ID', cell: ({ address }) => address.id },
    { header: 'KIND', cell: ({ document }) => document?.kind ?? '' },
    { header: 'AGE', cell: ({ address }) => ageOf(address.id, now) },
    { header: 'CHART', cell: chartOf },
    { header: 'REV', cell: ({ document }) => `${document?.helm?.revision ?? '-'}` },
    { header: 'OBJECTS', cell: ({ document }) => `${document?.objects.length ?? ''}`, wide: true },
    { header: 'SIZE', cell: (backup) => sizeCell(backup), wide: true },
    { header: 'HEALTH', cell: healthOf },
    { header: 'SETTINGS', cell: settingsOf, wide: true },
    { header: 'LOCATION', cell: ({ location }) => location, wide: true },
    { header: 'VERIFIED', cell: (backup) => verifiedCell(backup, now) },
    // Last, because the reason of a damage may be long.
    { header: 'WHOLE', cell: completeOf },
  ];
}

/** A backup in `-o json` and `-o yaml`; docs/output.md documents it. */
export function listData({ address, location, document, damage, verification }: ListedBackup): object {
  return {
    ...address,
    location,
    ...(damage === undefined ? {} : { damage }),
    ...(document === undefined
      ? {}
      : {
          kind: document.kind,
          startedAt: document.startedAt,
          durationMs: document.durationMs,
          complete: document.complete,
          skipped: document.skipped,
          ...(document.helm === undefined ? {} : { helm: document.helm }),
          health: document.health,
          settings: document.settings,
          objects: document.objects.length,
          bytes: bytesOf(document.files),
          toolVersion: document.tool.version,
        }),
    ...(verification === undefined ? {} : { verified: verifiedData(verification) }),
  };
}

/** What `restore` takes as its argument. */
export function backupName({ address }: ListedBackup): string {
  return `${address.release}@${address.id}`;
}

function ageOf(id: string, now: Date): string {
  return id === '' ? '' : formatAge(now.getTime() - timeOfId(id));
}

function chartOf({ document }: ListedBackup): string {
  const chart = document?.helm?.chart;
  return chart === undefined ? '' : `${chart.name}-${chart.version}`;
}

function sizeCell({ document }: ListedBackup): string {
  return document === undefined ? '' : formatBytes(bytesOf(document.files));
}

function bytesOf(files: readonly { size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** "2/2" pods ready when the backup was taken, then what was not as it should be. */
function healthOf({ document }: ListedBackup): string {
  if (document === undefined) return '';
  const { podsReady, podsWanted, releaseStatus, drift } = document.health;
  const status = releaseStatus === undefined || releaseStatus === 'deployed' ? [] : [releaseStatus];
  const notes = [...status, ...(drift.length > 0 ? ['drift'] : [])];
  return [`${podsReady}/${podsWanted}`, ...notes].join(',');
}

/** "agree", or "partial 1/2" where not every pod answered. */
function settingsOf({ document }: ListedBackup): string {
  if (document === undefined) return '';
  const { verdict, podsAnswered, podsAsked } = document.settings;
  return podsAnswered === podsAsked ? verdict : `${verdict} ${podsAnswered}/${podsAsked}`;
}

/** The age of the last verification that found nothing wrong. It tells nothing of a backup that is damaged now. */
function verifiedCell({ document, damage, verification }: ListedBackup, now: Date): string {
  if (document === undefined || damage !== undefined) return '';
  return verification === undefined ? 'no' : formatAge(now.getTime() - Date.parse(verification.at));
}

/** A verification in `-o json`; the store's own fields left out. */
export function verifiedData({ at, tool, passed, unchecked }: VerificationDocument): object {
  return { at, toolVersion: tool.version, passed, unchecked };
}

function completeOf({ document, damage }: ListedBackup): string {
  if (damage !== undefined) return `damaged: ${damage}`;
  return document?.complete === true ? 'yes' : 'no';
}
