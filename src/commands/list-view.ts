import { timeOfId } from '../model/records/backup-id.ts';
import type { BackupSummary } from '../model/records/backup-summary.ts';
import { formatAge } from '../output/age.ts';
import { formatBytes } from '../output/byte-size.ts';
import type { Column } from '../output/table.ts';
import type { Signed } from '../store/sign/signatures.ts';
import type { ListedBackup, VerificationNote } from '../store/store.ts';

/** Who signed each backup, where that is known. */
export type SignedOf = ReadonlyMap<ListedBackup, Signed>;

/** The columns of `list`. The cluster is shown where there are several, or with -o wide. */
export function listColumns(
  backups: readonly ListedBackup[],
  now: Date,
  signed: SignedOf,
): Column<ListedBackup>[] {
  const several = new Set(backups.map(({ address }) => address.cluster)).size > 1;
  return [
    { header: 'CLUSTER', cell: ({ address }) => address.cluster, wide: !several },
    { header: 'NAMESPACE', cell: ({ address }) => address.namespace },
    { header: 'RELEASE', cell: ({ address }) => address.release },
    { header: 'ID', cell: ({ address }) => address.id },
    { header: 'KIND', cell: ({ summary }) => summary?.kind ?? '' },
    { header: 'AGE', cell: ({ address }) => ageOf(address.id, now) },
    { header: 'CHART', cell: chartOf },
    { header: 'REV', cell: ({ summary }) => `${summary?.helm?.revision ?? '-'}`, wide: true },
    { header: 'OBJECTS', cell: ({ summary }) => `${summary?.objects ?? ''}`, wide: true },
    { header: 'SIZE', cell: (backup) => sizeCell(backup), wide: true },
    { header: 'HEALTH', cell: healthOf },
    { header: 'SETTINGS', cell: settingsOf, wide: true },
    { header: 'SEALED', cell: sealedCell, wide: true },
    { header: 'SIGNED', cell: (backup) => signedCell(backup, signed.get(backup)), wide: true },
    { header: 'LOCATION', cell: ({ location }) => location, wide: true },
    { header: 'VERIFIED', cell: (backup) => verifiedCell(backup, now) },
    // Last, because the reason of a damage may be long.
    { header: 'COMPLETE', cell: completeOf },
  ];
}

/** A backup in `-o json` and `-o yaml`; docs/output.md documents it. */
export function listData(
  { address, location, summary, damage, verification, signed: listed }: ListedBackup,
  signed: Signed | undefined,
): object {
  return {
    ...address,
    location,
    ...(damage === undefined ? {} : { damage }),
    ...(summary === undefined ? {} : summaryData(summary)),
    ...(verification === undefined ? {} : { verified: verifiedData(verification) }),
    ...(signed === undefined ? {} : { signed }),
    ...(listed === 'not listed' ? { signed: { status: 'not-shown' } } : {}),
  };
}

function summaryData({ cluster: _, hollow: __, ...shown }: BackupSummary): object {
  return shown;
}

/** What `restore` takes as its argument. */
export function backupName({ address }: ListedBackup): string {
  return `${address.release}@${address.id}`;
}

function ageOf(id: string, now: Date): string {
  return id === '' ? '' : formatAge(now.getTime() - timeOfId(id));
}

function chartOf({ summary }: ListedBackup): string {
  const chart = summary?.helm?.chart;
  return chart === undefined ? '' : `${chart.name}-${chart.version}`;
}

function sizeCell({ summary }: ListedBackup): string {
  return summary === undefined ? '' : formatBytes(summary.bytes);
}

/** "2/2" pods ready when the backup was taken, then what was not as it should be. */
function healthOf({ summary }: ListedBackup): string {
  if (summary === undefined) return '';
  const { podsReady, podsWanted, releaseStatus, drift } = summary.health;
  const status = releaseStatus === undefined || releaseStatus === 'deployed' ? [] : [releaseStatus];
  const notes = [...status, ...(drift.length > 0 ? ['drift'] : [])];
  return [`${podsReady}/${podsWanted}`, ...notes].join(',');
}

/** "agree", or "partial 1/2" where not every pod answered. */
function settingsOf({ summary }: ListedBackup): string {
  if (summary === undefined) return '';
  const { verdict, podsAnswered, podsAsked } = summary.settings;
  return podsAnswered === podsAsked ? verdict : `${verdict} ${podsAnswered}/${podsAsked}`;
}

/** The fingerprints of the public keys, or "passphrase". */
function sealedCell({ summary }: ListedBackup): string {
  if (summary === undefined) return '';
  const { recipients } = summary.sealed ?? { recipients: [] };
  return recipients.map(({ type, fingerprint }) => fingerprint ?? type).join(',') || 'no';
}

/** By whom, where that is verified; else how far it is from that. */
function signedCell({ signed: listed }: ListedBackup, signed: Signed | undefined): string {
  if (signed === undefined) return listed === 'not listed' ? 'not shown' : '';
  return signed.status === 'trusted' ? signed.by : signed.status;
}

/** The age of the last verification that found nothing wrong. It tells nothing of a backup that is damaged now. */
function verifiedCell({ summary, damage, verification }: ListedBackup, now: Date): string {
  if (summary === undefined || damage !== undefined) return '';
  return verification === undefined ? 'no' : formatAge(now.getTime() - Date.parse(verification.at));
}

/** A verification in `-o json`; the store's own fields left out. */
export function verifiedData({ at, tool, passed, unchecked }: VerificationNote): object {
  return { at, toolVersion: tool.version, passed, unchecked };
}

function completeOf({ summary, damage }: ListedBackup): string {
  if (damage !== undefined) return `damaged: ${damage}`;
  if (summary?.complete === true) return 'yes';
  const isAsAsked = summary?.skipped.some(({ asked }) => asked === true);
  return isAsAsked === true ? 'no, without Secrets' : 'no';
}
