import type { DrillReport } from '../model/records/drill-report.ts';
import { drillVerdict } from '../model/records/drill-verdict.ts';
import { formatAge } from '../output/age.ts';
import { formatBytes } from '../output/byte-size.ts';
import type { Column } from '../output/table.ts';
import { type Drift, isProtected, type ReleaseStatus } from '../status/release-status.ts';
import { checklistData } from './checklist-view.ts';

/** The columns of `status`. The namespace is shown where there are several, or with -o wide. */
export function statusColumns(now: Date, allNamespaces: boolean): Column<ReleaseStatus>[] {
  return [
    { header: 'NAMESPACE', cell: ({ namespace }) => namespace, wide: !allNamespaces },
    { header: 'RELEASE', cell: ({ release }) => release },
    { header: 'PROTECTED', cell: (status) => (status.storeRead ? isProtected(status) : 'unknown') },
    { header: 'BACKUP', cell: ({ backup }) => backup?.id ?? '', wide: true },
    { header: 'AGE', cell: ({ backup }) => (backup === undefined ? '' : since(backup.at, now)) },
    {
      header: 'SIZE',
      cell: ({ backup }) => (backup === undefined ? '' : formatBytes(backup.bytes)),
      spare: 1,
    },
    { header: 'VERIFIED', cell: (status) => verifiedCell(status, now), spare: 3 },
    { header: 'DRIFT', cell: ({ drift }) => driftCell(drift) },
    { header: 'NEXT', cell: (status) => nextCell(status, now), spare: 4 },
    { header: 'SCHEDULE', cell: ({ schedule }) => schedule?.cronJob ?? '', wide: true },
    { header: 'READY', cell: readyCell },
    {
      header: 'HITS',
      cell: ({ hits }) => (hits === undefined ? '' : `${Math.round(100 * hits.ratio)}%`),
      spare: 2,
    },
    { header: 'DRILL', cell: (status) => drillCell(status, now), spare: 0 },
    { header: 'STORE', cell: storeCell, wide: true },
  ];
}

/** A release in `-o json` and `-o yaml`; docs/output.md documents it. */
export function statusData(status: ReleaseStatus): object {
  const { namespace, release, state, rollout, backup, storeRead, schedule, drift, pods } = status;
  const { hits, store, drill, checklist } = status;
  return {
    namespace,
    release,
    state,
    ...(rollout.length === 0 ? {} : { rollout }),
    ...(storeRead ? { protected: backup !== undefined, scheduled: isProtected(status) === 'yes' } : {}),
    ...(backup === undefined
      ? {}
      : {
          backup: {
            id: backup.id,
            at: backup.at.toISOString(),
            location: backup.location,
            bytes: backup.bytes,
            ...(backup.verifiedAt === undefined ? {} : { verifiedAt: backup.verifiedAt }),
            healthy: backup.unhealthy === undefined,
            ...(backup.unhealthy === undefined ? {} : { unhealthy: backup.unhealthy }),
          },
        }),
    ...(drift === undefined ? {} : { drift }),
    ...(drill === undefined ? {} : { drill: drillData(drill) }),
    ...(schedule === undefined
      ? {}
      : {
          schedule: {
            cronJob: schedule.cronJob,
            maker: schedule.maker,
            ...(schedule.next === undefined ? {} : { next: schedule.next.toISOString() }),
          },
        }),
    pods,
    ...(hits === undefined ? {} : { hits }),
    ...(store === undefined ? {} : { store }),
    ...(checklist === undefined ? {} : { checklist: checklistData(checklist) }),
  };
}

/** "2/2", "2/2 STUCK", "1/2 rolling", "GONE" */
function readyCell({ pods, state }: ReleaseStatus): string {
  if (state === 'gone') return 'GONE';
  const ready = `${pods.ready}/${pods.wanted}`;
  if (state === 'done') return ready;
  return `${ready} ${state === 'stuck' ? 'STUCK' : 'rolling'}`;
}

function verifiedCell({ backup }: ReleaseStatus, now: Date): string {
  if (backup === undefined) return '';
  return backup.verifiedAt === undefined ? 'no' : since(new Date(backup.verifiedAt), now);
}

/** "no", "2 objects,settings,Helm revision" */
function driftCell(drift: Drift | undefined): string {
  if (drift === undefined) return '';
  if (drift.verdict !== 'differs') return drift.verdict === 'same' ? 'no' : 'unknown';
  const objects = drift.objects === 1 ? '1 object' : `${drift.objects} objects`;
  const parts = [
    drift.objects > 0 ? objects : '',
    drift.settings.length > 0 ? 'settings' : '',
    drift.helm ? 'Helm' : '',
  ];
  return parts.filter(Boolean).join(',');
}

/** A drill as data, in short: what `drill -o json` says of it in full. */
function drillData(report: DrillReport): object {
  const { id, at, backup, seconds, targetSeconds, failure } = report;
  return {
    id,
    at,
    backup,
    verdict: drillVerdict(report),
    seconds,
    ...(targetSeconds === undefined ? {} : { targetSeconds }),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** "3d", "3d FAILED": how long ago the last one was. */
function drillCell({ drill }: ReleaseStatus, now: Date): string {
  if (drill === undefined) return '';
  const verdict = drillVerdict(drill);
  const age = since(new Date(drill.at), now);
  return verdict === 'passed' ? age : `${age} ${verdict.toUpperCase()}`;
}

/** "in 5h" */
function nextCell({ schedule }: ReleaseStatus, now: Date): string {
  if (schedule === undefined) return '';
  return schedule.next === undefined
    ? 'never'
    : `in ${formatAge(Math.max(0, schedule.next.getTime() - now.getTime()))}`;
}

/** What all of it holds: "37 backups,1.2Mi" */
function storeCell({ store }: ReleaseStatus): string {
  if (store === undefined) return '';
  return `${store.backups} ${store.backups === 1 ? 'backup' : 'backups'},${formatBytes(store.bytes)}`;
}

function since(then: Date, now: Date): string {
  return formatAge(now.getTime() - then.getTime());
}
