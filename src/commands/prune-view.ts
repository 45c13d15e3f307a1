import { timeOfId } from '../model/records/backup-id.ts';
import { formatAge } from '../output/age.ts';
import { formatBytes } from '../output/byte-size.ts';
import type { Column } from '../output/table.ts';
import type { PrunedBackup } from '../prune/prune.ts';

/** The columns of `prune`. The namespace is shown where there may be several, or with -o wide. */
export function pruneColumns(
  backups: readonly PrunedBackup[],
  now: Date,
  allNamespaces: boolean,
): Column<PrunedBackup>[] {
  const several = new Set(backups.map(({ holding }) => holding.backup.address.cluster)).size > 1;
  return [
    { header: 'CLUSTER', cell: ({ holding }) => holding.backup.address.cluster, wide: !several },
    { header: 'NAMESPACE', cell: ({ holding }) => holding.backup.address.namespace, wide: !allNamespaces },
    { header: 'RELEASE', cell: ({ holding }) => holding.backup.address.release },
    { header: 'ID', cell: ({ holding }) => holding.id },
    { header: 'AGE', cell: ({ holding }) => ageOf(holding.id, now) },
    { header: 'KIND', cell: ({ holding }) => holding.backup.summary?.kind ?? '', wide: true },
    { header: 'SIZE', cell: (backup) => formatBytes(bytesOf(backup)), wide: true },
    { header: 'LOCATION', cell: ({ holding }) => holding.backup.location, wide: true },
    { header: 'ACTION', cell: ({ keep }) => (keep ? 'keep' : 'remove') },
    { header: 'WHY', cell: ({ reasons }) => reasons.join(', '), mayBeCut: true },
  ];
}

/** A backup in `-o json` and `-o yaml`; docs/output.md documents it. */
export function pruneData(backup: PrunedBackup): object {
  const { holding, keep, reasons, outcome, error } = backup;
  const { address, location, summary } = holding.backup;
  return {
    ...address,
    location,
    ...(summary === undefined ? {} : { kind: summary.kind }),
    bytes: bytesOf(backup),
    action: keep ? 'keep' : 'remove',
    reasons,
    outcome,
    ...(error === undefined ? {} : { error: error.message }),
  };
}

/** Of a damaged backup nobody knows. */
export function bytesOf({ holding }: PrunedBackup): number {
  return holding.backup.summary?.bytes ?? 0;
}

function ageOf(id: string, now: Date): string {
  return timeOfId(id) > now.getTime() ? 'future' : formatAge(now.getTime() - timeOfId(id));
}
