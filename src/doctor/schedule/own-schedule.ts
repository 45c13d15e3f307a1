import { isPartOf } from '../../backup/checks/is-part-of.ts';
import type { Evidence, Finding, Repair } from '../../model/findings/finding.ts';
import { arrayAt, type Json, numberAt, stringAt } from '../../model/json/json.ts';
import { type KubeObject, nameOf, refOf } from '../../model/kubernetes/object.ts';
import { isScheduleOfTool } from '../../model/schedule/backup-cronjob.ts';
import type { CronSchedule } from '../../model/schedule/cron-schedule.ts';
import { scheduleObjects } from '../../model/schedule/schedule-objects.ts';
import { CONTAINER } from '../../model/schedule/schedule-spec.ts';
import { hideSecretsInText } from '../../model/secrets/hide-secrets-in-text.ts';
import { type BackupRun, ofRun, patchCronJob, patchFields } from './backup-run.ts';
import { podSpecOf } from './backup-schedule.ts';
import { type FieldChange, type FieldPath, fieldAt, patchOf } from './field-change.ts';
import { setAndRunAgain, setFields } from './repairs.ts';

/** A run takes seconds: one that was stopped sooner was not stuck. */
const SHORTEST_RUN_S = 60;
/** What an install gives a run at most. */
const USUAL_RUN_S = 1800;
/** The controller takes so long to look, at most. */
const ROUND_S = 10;
/** How many due times are looked at for the shortest interval. */
const LOOK_AHEAD = 50;

const POD = ['spec', 'jobTemplate', 'spec', 'template', 'spec'];

/**
 * What was changed of a schedule that this tool made, where its runs rely on it. What somebody may well mean otherwise (resources,
 * users, another image) is nobody's business.
 */
export function judgeOwnSchedule(run: BackupRun, schedule: CronSchedule | undefined, now: Date): Finding[] {
  if (!isScheduleOfTool(run.cronJob)) return [];
  return [...judgeTimeLimit(run, schedule, now), ...judgeFields(run)];
}

function judgeTimeLimit(run: BackupRun, schedule: CronSchedule | undefined, now: Date): Finding[] {
  const limit = numberAt(run.cronJob, 'spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds');
  const interval = shortestInterval(schedule, now);
  const wrong = wrongLimit(limit, interval);
  if (wrong === undefined) return [];
  const fitting = fittingLimit(interval);
  const path = ['spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds'];
  return [
    ofRun('MB211', run, {
      summary: wrong,
      evidence: [
        { text: `spec.jobTemplate.spec.activeDeadlineSeconds: ${limit ?? '(none)'}` },
        ...(interval === undefined ? [] : [{ text: `${interval} s between two due times` }]),
      ],
      // Where runs are due too often for any limit, only their times can be changed.
      ...(wrongLimit(fitting, interval) === undefined
        ? {
            advice: [patchCronJob(run, { jobTemplate: { spec: { activeDeadlineSeconds: fitting } } })],
            ...setFields(run, `let runs of cronjob.batch/${nameOf(run.cronJob)} last ${fitting} s at most`, [
              { path, to: fitting },
            ]),
          }
        : { advice: [patchCronJob(run, { schedule: '0 2 * * *' })] }),
    }),
  ];
}

function wrongLimit(limit: number | undefined, interval: number | undefined): string | undefined {
  if (limit === undefined) return 'a run that hangs is never stopped, and holds up all that follow';
  if (limit < SHORTEST_RUN_S) return `a run is stopped after ${limit} s, whether it hangs or not`;
  if (interval !== undefined && limit >= interval)
    return `a run that hangs is stopped after ${limit} s, when the next one was due already`;
  return undefined;
}

/** Before the next run is due, where that leaves a run its time. */
export function fittingLimit(interval: number | undefined): number {
  const longest = (interval ?? Number.POSITIVE_INFINITY) - ROUND_S;
  return Math.max(SHORTEST_RUN_S, Math.min(USUAL_RUN_S, longest));
}

/** Gives a run that was stopped the time that an install gives; nothing where it had that, and more would not help. */
export function moreTime(
  run: BackupRun & { job: KubeObject },
  schedule: CronSchedule | undefined,
  now: Date,
): { repair?: Repair } {
  const path = ['spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds'];
  const limit = numberAt(run.cronJob, ...path);
  const fitting = fittingLimit(shortestInterval(schedule, now));
  if (limit === undefined || limit >= fitting) return {};
  return setAndRunAgain(run, `let runs of cronjob.batch/${nameOf(run.cronJob)} last ${fitting} s at most`, [
    { path, to: fitting },
  ]);
}

/** Seconds; undefined where there are no two due times. */
function shortestInterval(schedule: CronSchedule | undefined, now: Date): number | undefined {
  let shortest: number | undefined;
  let last = schedule?.next(now);
  for (let count = 0; last !== undefined && count < LOOK_AHEAD; count++) {
    const next = schedule?.next(last);
    if (next === undefined) break;
    shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, (next.getTime() - last.getTime()) / 1000);
    last = next;
  }
  return shortest;
}

/** A field that runs rely on. */
interface Relied {
  path: FieldPath;
  /** Undefined: it is not to be there. */
  made: Json | undefined;
  /** What its change does. */
  why: string;
}

function judgeFields(run: BackupRun): Finding[] {
  const changed = relied(run).filter(({ path, made }) => {
    const is = fieldAt(run.cronJob, path);
    return made === undefined ? is !== undefined : is === undefined || !isPartOf(made, is);
  });
  const [first] = changed;
  if (first === undefined) return [];
  const fields: FieldChange[] = changed.map(({ path, made }) => ({ path, to: made }));
  const repair = setFields(
    run,
    `put ${inWords(changed)} of cronjob.batch/${nameOf(run.cronJob)} back`,
    fields,
  );
  return [
    ofRun('MB213', run, {
      summary: `${first.why}${changed.length === 1 ? '' : `, and ${changed.length - 1} more`}`,
      evidence: changed.map((field) => evidenceOf(run, field)),
      // What it is now may be a secret, and is no part of the command.
      advice: [
        patchFields(
          run,
          patchOf(run.cronJob, fields).filter(({ op }) => op !== 'test'),
        ),
      ],
      ...repair,
    }),
  ];
}

function evidenceOf({ cronJob }: BackupRun, { path, made }: Relied): Evidence {
  const shown = (value: Json | undefined): string =>
    value === undefined ? '(none)' : hideSecretsInText(JSON.stringify(value));
  return { text: `${path.join('.')}: ${shown(fieldAt(cronJob, path))}; it was made as ${shown(made)}` };
}

function inWords(changed: readonly Relied[]): string {
  return changed.map(({ path }) => path.at(-1)!).join(', ');
}

function relied(run: BackupRun): Relied[] {
  const reference = asMade(run);
  const at = arrayAt(podSpecOf(run.cronJob), 'containers').findIndex(
    (container) => stringAt(container, 'name') === CONTAINER,
  );
  const of = (path: string[], why: string): Relied => ({
    path,
    made: fieldAt(
      reference,
      path.map((step) => (step === String(at) ? '0' : step)),
    ),
    why,
  });
  const container = [...POD, 'containers', String(at)];
  return [
    of(['spec', 'concurrencyPolicy'], 'two of its runs may be under way at a time'),
    ...(stringAt(run.cronJob, 'spec', 'timeZone') === undefined
      ? [of(['spec', 'timeZone'], 'it is due in the controller’s time zone, which nobody sees')]
      : []),
    of(['spec', 'jobTemplate', 'spec', 'podFailurePolicy'], 'faults are repeated that no repetition heals'),
    of([...POD, 'restartPolicy'], 'a pod that failed is deleted with its log'),
    of([...POD, 'automountServiceAccountToken'], 'its pods have no token for the API server'),
    ...(at < 0
      ? []
      : [
          of([...container, 'command'], 'its container runs another command than the image’s'),
          of([...container, 'terminationMessagePath'], 'how a run ended is not in its pod'),
          of([...container, 'terminationMessagePolicy'], 'how a run ended is not in its pod'),
        ]),
  ];
}

/** What an install makes of the same name; of what this CronJob was told otherwise, nothing is looked at. */
function asMade({ cronJob }: BackupRun): Json {
  const { namespace = '' } = refOf(cronJob);
  const made = scheduleObjects({
    name: nameOf(cronJob),
    namespace,
    cron: stringAt(cronJob, 'spec', 'schedule') ?? '',
    timeZone: stringAt(cronJob, 'spec', 'timeZone') ?? 'Etc/UTC',
    image: '',
    account: { name: '', isOurs: false, annotations: {} },
    args: [],
    env: {},
    secrets: [],
    activeDeadlineSeconds: USUAL_RUN_S,
    ttlSeconds: 0,
    rules: [],
  });
  return made.at(-1)!.object;
}
