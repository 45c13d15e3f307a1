import type { Codes } from '../code.ts';

/** Of drills that a schedule holds. */
export const DRILL_CODES = {
  MB260: {
    severity: 'fail',
    title: 'The last scheduled drill did not pass',
    cause:
      'The newest backup could not be restored beside the original and proved, or not within the target; or the drill could not be held at all: it lacks a right in the namespace of the drills, or a key.',
    evidence:
      'The newest Job of the schedule’s drills failed, and none succeeded since; and what the report of the drill in the store says, where there is one.',
    fix: 'Read what the drill said, mend it, and hold one by hand: `drill`.',
    hides: ['MB261'],
  },
  MB261: {
    severity: 'warn',
    title: 'Drills are scheduled, and none passed for long',
    cause: 'Their CronJob is suspended, is never due, or its Jobs do not start.',
    evidence:
      'It has been due twice since the last drill that passed (`status.lastSuccessfulTime`), or since it was made; or it is never due.',
    fix: 'Hold one now, and look at what becomes of it.',
  },
} as const satisfies Codes;
