import type { SameAsLive } from '../diff/same-as-live.ts';
import { isHealthy, whyUnhealthy } from '../model/records/backup-health.ts';
import { timeOfId } from '../model/records/backup-id.ts';
import { qualifiedName } from '../model/records/backup-selector.ts';
import type { BackupSummary } from '../model/records/backup-summary.ts';
import { formatAge } from '../output/age.ts';
import { formatBytes } from '../output/byte-size.ts';
import type { Column } from '../output/table.ts';
import type { Signed } from '../store/sign/signatures.ts';
import type { ListedBackup, VerificationNote } from '../store/store.ts';

/** Who signed each backup, where that is known. */
export type SignedOf = ReadonlyMap<ListedBackup, Signed>;

/** Whether each backup is as the cluster is now, where that was asked for. */
export type LiveOf = ReadonlyMap<ListedBackup, SameAsLive>;

/** What a listing is shown with. */
export interface ListView {
  now: Date;
  signed: SignedOf;
  /** Absent where nobody asked. */
  live?: LiveOf;
  /** -n: the namespace of all of them goes without saying. */
  isOfOneNamespace?: boolean;
}

/** The columns of `list`. The cluster is shown where there are several, or with -o wide. */
export function listColumns(
  backups: readonly ListedBackup[],
  { now, signed, live, isOfOneNamespace = false }: ListView,
): Column<ListedBackup>[] {
  const several = new Set(backups.map(({ address }) => address.cluster)).size > 1;
  // Said of each where it is not so of one.
  const areAllComplete = backups.every((backup) => completeOf(backup) === 'yes');
  // "latest" passes over safety backups: who chooses has to see which they are.
  const hasSafety = backups.some(({ summary }) => summary?.kind === 'safety');
  return [
    { header: 'CLUSTER', cell: ({ address }) => address.cluster, wide: !several },
    { header: 'NAMESPACE', cell: ({ address }) => address.namespace, wide: isOfOneNamespace },
    { header: 'RELEASE', cell: ({ address }) => address.release },
    { header: 'ID', cell: ({ address }) => address.id },
    { header: 'KIND', cell: ({ summary }) => summary?.kind ?? '', ...(hasSafety ? {} : { spare: 1 }) },
    { header: 'AGE', cell: ({ address }) => ageOf(address.id, now) },
    { header: 'CHART', cell: chartOf, spare: 2 },
    { header: 'REV', cell: ({ summary }) => `${summary?.helm?.revision ?? '-'}`, wide: true },
    { header: 'OBJECTS', cell: ({ summary }) => `${summary?.objects ?? ''}`, wide: true },
    { header: 'SIZE', cell: (backup) => sizeCell(backup), wide: true },
    { header: 'HEALTHY', cell: healthyOf, mayBeCut: true },
    { header: 'PODS', cell: podsOf, wide: true },
    { header: 'SETTINGS', cell: ({ summary }) => summary?.settings.inShort ?? '', mayBeCut: true },
    { header: 'ANSWERS', cell: answersOf, wide: true },
    ...(live === undefined
      ? []
      : [{ header: 'LIVE', cell: (backup: ListedBackup) => live.get(backup) ?? '' }]),
    ...(backups.some(({ summary }) => summary?.note !== undefined)
      ? [{ header: 'NOTE', cell: noteOf, mayBeCut: true as const }]
      : []),
    { header: 'SEALED', cell: sealedCell, wide: true },
    { header: 'SIGNED', cell: (backup) => signedCell(backup, signed.get(backup)), wide: true },
    { header: 'LOCATION', cell: ({ location }) => location, wide: true },
    { header: 'VERIFIED', cell: (backup) => verifiedCell(backup, now), spare: 3 },
    // Last, because the reason of a damage may be long.
    { header: 'COMPLETE', cell: completeOf, ...(areAllComplete ? { spare: 4 } : {}) },
  ];
}

/** A backup in `-o json` and `-o yaml`; docs/output.md documents it. */
export function listData(
  { address, location, summary, damage, verification, signed: listed }: ListedBackup,
  signed: Signed | undefined,
  live?: SameAsLive,
): object {
  return {
    ...address,
    location,
    ...(damage === undefined ? {} : { damage }),
    ...(summary === undefined ? {} : summaryData(summary)),
    ...(verification === undefined ? {} : { verified: verifiedData(verification) }),
    ...(live === undefined ? {} : { live }),
    ...(signed === undefined ? {} : { signed }),
    ...(listed === 'not listed' ? { signed: { status: 'not-shown' } } : {}),
  };
}

function summaryData(summary: BackupSummary): object {
  const { cluster: _, hollow: __, ...shown } = summary;
  const unhealthy = whyUnhealthy(summary);
  return {
    ...shown,
    healthy: unhealthy.length === 0,
    ...(unhealthy.length === 0 ? {} : { unhealthy }),
  };
}

/** What `restore` takes as its argument. */
export function backupName({ address }: ListedBackup): string {
  return qualifiedName(address);
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

/** "yes", "no,1/2", "no,rollout", "no,failed": whether the release was up, and what was not as it should be; "yes,drift". */
function healthyOf({ summary }: ListedBackup): string {
  if (summary === undefined) return '';
  const { podsReady, podsWanted, releaseStatus, drift, unfinished } = summary.health;
  const isUp = isHealthy(summary);
  const isRolling = unfinished !== undefined || summary.settings.podsAsked > podsWanted;
  const notes = [
    ...(podsReady < podsWanted || (!isUp && podsWanted === 0) ? [`${podsReady}/${podsWanted}`] : []),
    ...(isRolling ? ['rollout'] : []),
    ...(releaseStatus === undefined || releaseStatus === 'deployed' ? [] : [releaseStatus]),
    ...(drift.length > 0 ? ['drift'] : []),
  ];
  return [isUp ? 'yes' : 'no', ...notes].join(',');
}

/** "2/2" pods ready when the backup was taken. */
function podsOf({ summary }: ListedBackup): string {
  return summary === undefined ? '' : `${summary.health.podsReady}/${summary.health.podsWanted}`;
}

/** What pods said of their settings: "agree", or "partial 1/2" where not every pod answered. */
function answersOf({ summary }: ListedBackup): string {
  if (summary === undefined) return '';
  const { verdict, podsAnswered, podsAsked } = summary.settings;
  return podsAnswered === podsAsked ? verdict : `${verdict} ${podsAnswered}/${podsAsked}`;
}

function noteOf({ summary }: ListedBackup): string {
  return summary?.note ?? '';
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
