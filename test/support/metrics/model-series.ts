/** A series as promtool takes it, a value each STEP seconds from 1970 on. */
export interface InputSeries {
  series: string;
  values: string;
}

/** Seconds between two looks: many enough for hours and days, and a test of days takes no minute. */
export const STEP = 900;
export const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
const HORIZON = 12 * DAY;

/** A run, as a Job: when it was made, how long it took, and how it ended; one that hangs takes for ever. */
export interface ModelRun {
  at: number;
  took?: number;
  ended?: 'complete' | 'failed';
  byHand?: true;
  /** Whose CronJob it came from; that of the model where absent. */
  of?: string;
}

/** What happens to a schedule that is due each night at 2. All in seconds since 1970. */
export interface ModelSchedule {
  namespace: string;
  name: string;
  runs: readonly ModelRun[];
  /** From when on it is suspended. */
  suspendedFrom?: number;
  /** When it is deleted, with its Jobs. */
  goneFrom?: number;
  /** A day that never comes: the zero time of Go, as kube-state-metrics has it. */
  neverDue?: true;
  /** How many kube-state-metrics are scraped. */
  scrapedBy?: number;
}

const ZERO_TIME = -62_135_596_800;
/** When the CronJob was made. */
const CREATED = 0;

/** The series that kube-state-metrics has of a schedule: test/e2e/alerts.test.ts holds the model to the real one. */
export function seriesOf(schedule: ModelSchedule): InputSeries[] {
  const { scrapedBy = 1 } = schedule;
  return Array.from({ length: scrapedBy }, (_, at) => ofOne(schedule, `ksm-${at}:8080`)).flat();
}

/** Any series, by what it is at each moment; undefined: it is not there. */
export function aSeries(
  name: string,
  labels: Readonly<Record<string, string>>,
  value: (now: number) => number | undefined,
): InputSeries {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  const values = Array.from({ length: HORIZON / STEP + 1 }, (_, at) => value(at * STEP) ?? '_');
  return { series: `${name}{${pairs.join(',')}}`, values: values.join(' ') };
}

function ofOne(schedule: ModelSchedule, instance: string): InputSeries[] {
  const { namespace, name, runs, suspendedFrom = Infinity, goneFrom = Infinity, neverDue } = schedule;
  const scrape = { namespace, job: 'kube-state-metrics', instance };
  const own = runs.filter(({ of = name }) => of === name);
  const there = (now: number): boolean => now < goneFrom;
  const cronJob = (series: string, value: (now: number) => number | undefined): InputSeries =>
    aSeries(`kube_cronjob_${series}`, { ...scrape, cronjob: name }, (now) =>
      there(now) ? value(now) : undefined,
    );
  const newest = (times: number[]): number | undefined =>
    times.length === 0 ? undefined : Math.max(...times);
  return [
    cronJob('info', () => 1),
    cronJob('created', () => CREATED),
    cronJob('spec_suspend', (now) => (now >= suspendedFrom ? 1 : 0)),
    cronJob('status_last_successful_time', (now) =>
      newest(own.filter((run) => run.ended === 'complete' && endOf(run) <= now).map(endOf)),
    ),
    cronJob('next_schedule_time', (now) => {
      if (now >= suspendedFrom) return undefined;
      if (neverDue) return ZERO_TIME;
      const scheduled = own.filter(({ at, byHand }) => at <= now && byHand !== true).map(({ at }) => at);
      return dueAfter(newest(scheduled) ?? CREATED);
    }),
    ...runs.flatMap((run, index) => {
      const job = { ...scrape, job_name: `${name}-${index}` };
      const from = (begin: number, value: number) => (now: number) =>
        there(now) && now >= begin ? value : undefined;
      const condition = (how: 'complete' | 'failed'): InputSeries[] =>
        run.ended !== how
          ? []
          : ['true', 'false', 'unknown'].map((is) =>
              aSeries(`kube_job_${how}`, { ...job, condition: is }, from(endOf(run), is === 'true' ? 1 : 0)),
            );
      const owner = {
        owner_kind: 'CronJob',
        owner_name: run.of ?? name,
        owner_is_controller: `${run.byHand !== true}`,
      };
      return [
        aSeries('kube_job_created', job, from(run.at, run.at)),
        aSeries('kube_job_owner', { ...job, ...owner }, from(run.at, 1)),
        aSeries('kube_job_status_start_time', job, from(run.at, run.at)),
        ...(run.ended === 'complete'
          ? [aSeries('kube_job_status_completion_time', job, from(endOf(run), endOf(run)))]
          : []),
        ...condition('complete'),
        ...condition('failed'),
      ];
    }),
  ];
}

function endOf({ at, took = 10 }: ModelRun): number {
  return at + took;
}

/** Two o'clock of the day, or of the next one. */
function dueAfter(time: number): number {
  const today = Math.floor(time / DAY) * DAY + 2 * HOUR;
  return today > time ? today : today + DAY;
}
