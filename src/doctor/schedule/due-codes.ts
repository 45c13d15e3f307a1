import type { Codes } from '../code.ts';

/** Is there a CronJob, is it due, does it start, does it succeed often enough? */
export const DUE_CODES = {
  MB200: {
    severity: 'ok',
    title: 'Backups happen by themselves',
    cause: 'A CronJob backs memcached up, and its newest run made a backup.',
    evidence:
      'Its schedule, its last success and its next due time. Of a CronJob made by hand the log was read as well.',
    fix: 'Nothing to do.',
  },
  MB201: {
    severity: 'note',
    standing: true,
    title: 'No backup CronJob',
    cause: 'Nothing in this namespace makes backups by itself.',
    evidence: 'No CronJob here runs this tool, or does what the backup guide’s CronJob does.',
    fix: 'Run `backup` from a CronJob, a CI job or by hand.',
  },
  MB202: {
    severity: 'fail',
    title: 'The backup CronJob is suspended',
    cause: 'Somebody switched it off, for a maintenance perhaps, and nobody switched it on again.',
    evidence: '`spec.suspend: true`.',
    fix: 'Resume it: `schedule resume`, or set `spec.suspend` to false where this tool did not make it. A script’s CronJob in whose place a schedule of this tool backs up stays suspended, and is no failure.',
    fixable: true,
    hides: ['MB206'],
  },
  MB203: {
    severity: 'note',
    title: 'The backup CronJob has not made a backup yet',
    cause: 'It is new, and its first due time is still to come.',
    evidence: '`status.lastSuccessfulTime` is empty, and no Job of it succeeded.',
    fix: 'Run it now, to see whether it works before the night does.',
  },
  MB204: {
    severity: 'fail',
    title: 'The schedule is never due',
    cause: 'It names a day that no month has, such as the 30th of February. The API server accepts that.',
    evidence:
      '`spec.schedule`, reckoned forward without finding a date; the controller’s event InvalidSchedule, once it has met it.',
    fix: 'Set a schedule that comes: `0 2 * * *` is every night at two.',
    hides: ['MB206', 'MB208'],
  },
  MB205: {
    severity: 'fail',
    title: 'The controller can’t use the schedule',
    cause:
      'It can’t be parsed, or the controller manager does not know its time zone (its image may lack the time zone data).',
    evidence:
      'The controller’s event: UnparseableSchedule, InvalidSchedule or UnknownTimeZone. Events last an hour; after that, that this machine knows no such time zone either.',
    fix: 'Set a schedule of five fields and a time zone that the controller knows.',
    hides: ['MB206', 'MB208'],
  },
  MB206: {
    severity: 'fail',
    title: 'The last success is older than the schedule allows',
    cause:
      'Runs fail, or are not started. Where the cause can be seen, it is a finding of its own that hides this one.',
    evidence:
      'It has been due twice since the last success (`status.lastSuccessfulTime`, or a Complete Job), the second time more than 5 minutes ago. One missed run alone is not enough.',
    fix: 'Run it now and look at what becomes of it.',
  },
  MB208: {
    severity: 'fail',
    title: 'A run was missed',
    cause:
      'The CronJob controller did not run (the control plane was down), or could not start the Job within `startingDeadlineSeconds`.',
    evidence:
      '`status.lastScheduleTime` is older than a due time that passed more than 5 minutes ago; or an event MissSchedule or TooManyMissedTimes since the last start. Where the last start fits no due time of the schedule, a whole period more has to pass: the controller may live in another time zone.',
    fix: 'Give it a longer `startingDeadlineSeconds`, and run it now.',
    hides: ['MB206'],
  },
  MB209: {
    severity: 'warn',
    title: 'startingDeadlineSeconds is under ten seconds',
    cause: 'A run that is not started so soon after it was due is skipped.',
    evidence:
      '`spec.startingDeadlineSeconds` below 10: the controller checks every 10 seconds (Kubernetes, “CronJob”, “Deadline for delayed Job start”).',
    fix: 'Take an hour: a backup that comes late is better than none. With `--fix`, only in a schedule that this tool made.',
    fixable: true,
  },
  MB210: {
    severity: 'fail',
    title: 'A run does not end',
    cause:
      'Its Job hangs: it waits for a network or a lock, or its pod can’t start. With `concurrencyPolicy: Forbid` no other run is started until it ends; with `Allow` they pile up.',
    evidence:
      'The oldest of its Jobs that have not ended was started before the last due time; or an event JobAlreadyActive since it was started.',
    fix: 'Look at its log, delete it, and give the Jobs an `activeDeadlineSeconds`.',
    hides: ['MB206', 'MB208'],
  },
  MB211: {
    severity: 'warn',
    title: 'The time limit of a run does not fit',
    cause:
      'A run without a limit, or with one that lasts until the next run is due, holds up all that follow once it hangs, also one whose volume can’t be mounted; one that is shorter than a minute stops runs that are well.',
    evidence:
      '`activeDeadlineSeconds` of the Jobs, and the shortest time between two due times. Looked at in schedules that this tool made.',
    fix: 'Half an hour, or less where runs are due more often.',
    fixable: true,
  },
  MB212: {
    severity: 'warn',
    title: 'The schedule counts from a restart',
    cause:
      '`@every` counts from when the controller manager started: each restart of the control plane puts the next run off, and nobody can tell when it is due.',
    evidence: '`spec.schedule`.',
    fix: 'Name times: `0 */6 * * *` is every six hours.',
  },
  MB213: {
    severity: 'warn',
    title: 'A schedule of this tool was changed where that does harm',
    cause:
      'Somebody changed a field of its CronJob that its runs rely on: two runs at a time, faults that are repeated although no repetition heals them, pods without a token, another command, how a run ended said nowhere, the controller’s time zone.',
    evidence: 'Each such field: what it is, and what it was made as.',
    fix: 'Put it back, or run `schedule install` again with the same name.',
    fixable: true,
  },
} as const satisfies Codes;
