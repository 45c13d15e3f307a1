import { durationOf, type ScheduledRun, successRate } from '../model/schedule/run-history.ts';
import type { StoreAgreement } from '../model/schedule/store-agreement.ts';
import { inBothZones, wallClock } from '../model/schedule/wall-clock.ts';
import { formatAge } from '../output/age.ts';
import { formatBytes } from '../output/byte-size.ts';
import type { Column } from '../output/table.ts';
import type { DrillStatus, ScheduleStatus } from '../schedule/schedule-status.ts';

/** The columns of `schedule status`. The namespace is shown where there may be several, or with -o wide. */
export function scheduleColumns(now: Date, allNamespaces: boolean): Column<ScheduleStatus>[] {
  return [
    { header: 'NAMESPACE', cell: ({ namespace }) => namespace, wide: !allNamespaces },
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'CRON', cell: ({ cron }) => cron, spare: 4 },
    { header: 'TIME ZONE', cell: ({ timeZone }) => timeZone ?? '', wide: true },
    { header: 'NEXT', cell: (status) => nextCell(status, now) },
    { header: 'LAST', cell: (status) => lastCell(status, now) },
    { header: 'RESULT', cell: ({ runs }) => resultCell(runs?.[0]), mayBeCut: true },
    { header: 'TOOK', cell: ({ runs }) => tookCell(runs ?? []), spare: 1 },
    { header: 'SUCCEEDED', cell: rateCell, spare: 3 },
    { header: 'BACKUP', cell: ({ store }) => store.backup?.id ?? '', wide: true },
    { header: 'AGE', cell: ({ store }) => (store.backup === undefined ? '' : since(store.backup.at, now)) },
    {
      header: 'SIZE',
      spare: 2,
      cell: ({ store }) => (store.backup === undefined ? '' : formatBytes(store.backup.bytes)),
    },
    { header: 'STORE', cell: ({ store }) => agreementCell(store) },
    { header: 'DRILL', cell: ({ drill }) => drillCell(drill, now), wide: true },
    { header: 'LOCATION', cell: ({ store }) => store.location ?? '', wide: true },
  ];
}

/** A schedule in `-o json` and `-o yaml`; docs/output.md documents it. */
export function scheduleData(status: ScheduleStatus): object {
  const { namespace, name, cron, timeZone, suspended, next, runs, said, failure, troubles, store, drill } =
    status;
  const lastRun = runs?.[0];
  return {
    namespace,
    name,
    cron,
    ...(timeZone === undefined ? {} : { timeZone }),
    suspended,
    ...(next === undefined ? {} : { next: next.toISOString() }),
    ...(lastRun === undefined ? {} : { lastRun: { ...runData(lastRun), ...(said === '' ? {} : { said }) } }),
    ...(runs === undefined ? {} : { runs: runs.map(runData), successRate: successRate(runs) }),
    ...(failure === undefined
      ? {}
      : {
          lastFailure: {
            job: failure.job,
            ...(failure.at === undefined ? {} : { at: failure.at.toISOString() }),
            cause: failure.cause,
          },
        }),
    troubles,
    store: storeData(store),
    ...(drill === undefined ? {} : { drill: drillData(drill) }),
  };
}

function drillData({ cronJob, cron, suspended, next, into, lastRun, lastSuccess }: DrillStatus): object {
  return {
    cronJob,
    cron,
    suspended,
    ...(next === undefined ? {} : { next: next.toISOString() }),
    ...(into === undefined ? {} : { into }),
    ...(lastRun === undefined ? {} : { lastRun: runData(lastRun) }),
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
  };
}

/** "in 40d", "in 40d, failed" */
function drillCell(drill: DrillStatus | undefined, now: Date): string {
  if (drill === undefined) return '';
  const last = drill.lastRun === undefined ? '' : `, ${resultCell(drill.lastRun)}`;
  return `${nextCell(drill, now)}${last}`;
}

function runData(run: ScheduledRun): object {
  const { job, byHand, outcome, startedAt, endedAt, reason } = run;
  const durationMs = durationOf(run);
  return {
    job,
    byHand,
    outcome,
    ...(startedAt === undefined ? {} : { startedAt: startedAt.toISOString() }),
    ...(endedAt === undefined ? {} : { endedAt: endedAt.toISOString() }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(outcome === 'failed' && reason !== '' ? { reason } : {}),
  };
}

function storeData({ location, unread, backup, agreement }: ScheduleStatus['store']): object {
  return {
    ...(location === undefined ? {} : { location }),
    ...(unread === undefined ? {} : { unread }),
    ...(backup === undefined
      ? {}
      : {
          backup: {
            namespace: backup.namespace,
            release: backup.release,
            id: backup.id,
            at: backup.at.toISOString(),
            location: backup.location,
            bytes: backup.bytes,
            ...(backup.verifiedAt === undefined ? {} : { verifiedAt: backup.verifiedAt }),
          },
        }),
    ...(agreement === undefined ? {} : { agreement: agreementData(agreement) }),
  };
}

function agreementData(agreement: StoreAgreement): object {
  return agreement.verdict === 'newer' ? { ...agreement, at: agreement.at.toISOString() } : agreement;
}

/** "in 5h", "suspended", "never" */
function nextCell({ suspended, next }: Pick<ScheduleStatus, 'suspended' | 'next'>, now: Date): string {
  if (suspended) return 'suspended';
  return next === undefined ? 'never' : `in ${formatAge(Math.max(0, next.getTime() - now.getTime()))}`;
}

/** "19h", "3m by hand" */
function lastCell({ runs }: ScheduleStatus, now: Date): string {
  const [last] = runs ?? [];
  if (last?.startedAt === undefined) return '';
  return `${since(last.startedAt, now)}${last.byHand ? ' by hand' : ''}`;
}

function resultCell(last: ScheduledRun | undefined): string {
  if (last === undefined) return '';
  return last.outcome === 'failed' && last.reason !== '' ? `failed (${last.reason})` : last.outcome;
}

/** Of the newest run that has ended. */
function tookCell(runs: readonly ScheduledRun[]): string {
  const durations = runs.map(durationOf).filter((each) => each !== undefined);
  return durations[0] === undefined ? '' : formatAge(durations[0]);
}

/** "6/7 (86%)": of those that the schedule started. */
function rateCell({ runs }: ScheduleStatus): string {
  if (runs === undefined) return '';
  const { succeeded, ended } = successRate(runs);
  return ended === 0 ? '' : `${succeeded}/${ended} (${Math.round((100 * succeeded) / ended)}%)`;
}

function agreementCell({ unread, agreement }: ScheduleStatus['store']): string {
  return unread === undefined ? (agreement?.verdict ?? '') : 'unread';
}

/** What a person should know beyond the table, a sentence each. */
export function scheduleRemarks(
  status: ScheduleStatus,
  now: Date,
  local?: string,
): { text: string; isWarning: boolean }[] {
  const { namespace, name, timeZone, suspended, next, runs, said, failure, troubles, store, drill } = status;
  const about = `${namespace}/${name}: `;
  const note = (text: string): { text: string; isWarning: boolean } => ({
    text: about + text,
    isWarning: false,
  });
  const warning = (text: string): { text: string; isWarning: boolean } => ({
    text: about + text,
    isWarning: true,
  });
  const [last] = runs ?? [];
  const byHand = (runs ?? []).filter((run) => run.byHand).length;
  return [
    ...(next === undefined || suspended ? [] : [note(`next run ${inBothZones(next, timeZone, local)}`)]),
    ...troubles.map(({ code, severity, summary }) =>
      (severity === 'note' ? note : warning)(`${summary} (${code})`),
    ),
    ...(last?.outcome === 'succeeded' && said !== '' ? [note(`the last run said: ${said}`)] : []),
    ...(byHand === 0
      ? []
      : [
          note(
            `${byHand === 1 ? '1 run' : `${byHand} runs`} of those that are kept ${byHand === 1 ? 'was' : 'were'} started by hand, and ${byHand === 1 ? 'does' : 'do'} not count as the schedule's`,
          ),
        ]),
    ...(failure === undefined
      ? []
      : [
          (last?.outcome === 'failed' ? warning : note)(
            `job/${failure.job} failed${failure.at === undefined ? '' : ` ${since(failure.at, now)} ago`}: ${failure.cause}`,
          ),
        ]),
    ...drillRemarks(drill, timeZone, now).map(({ text, isWarning }) => (isWarning ? warning : note)(text)),
    ...storeRemarks(store, timeZone).map(({ text, isWarning }) => (isWarning ? warning : note)(text)),
  ];
}

function drillRemarks(
  drill: DrillStatus | undefined,
  timeZone: string | undefined,
  now: Date,
): { text: string; isWarning: boolean }[] {
  if (drill === undefined) return [];
  const { cronJob, next, suspended, lastRun } = drill;
  const when = suspended
    ? 'its drills are suspended'
    : next === undefined
      ? 'no drill of it is ever due'
      : `next drill ${inBothZones(next, timeZone)} (cronjob/${cronJob})`;
  const isFailed = lastRun?.outcome === 'failed';
  return [
    { text: when, isWarning: next === undefined && !suspended },
    ...(isFailed
      ? [
          {
            text: `the last drill failed, or missed its target${lastRun.endedAt === undefined ? '' : `, ${since(lastRun.endedAt, now)} ago`} (job/${lastRun.job})`,
            isWarning: true,
          },
        ]
      : []),
  ];
}

function storeRemarks(
  { location, unread, agreement }: ScheduleStatus['store'],
  timeZone: string | undefined,
): { text: string; isWarning: boolean }[] {
  if (unread !== undefined) {
    const what = location === undefined ? 'its store' : `its store ${location}`;
    return [{ text: `${what} could not be looked into from here: ${unread}`, isWarning: true }];
  }
  if (agreement?.verdict === 'missing') {
    const of = agreement.releases.length === 0 ? '' : ` of ${agreement.releases.join(', ')}`;
    return [
      {
        text: `job/${agreement.job} succeeded, and the store holds no good backup${of} of that time or since`,
        isWarning: true,
      },
    ];
  }
  if (agreement?.verdict === 'newer') {
    return [
      {
        text: `the newest backup (${wallClock(agreement.at, timeZone)}) is newer than every run that is kept: somebody else saves there as well`,
        isWarning: false,
      },
    ];
  }
  return [];
}

function since(then: Date, now: Date): string {
  return formatAge(now.getTime() - then.getTime());
}
