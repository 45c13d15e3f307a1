import type { Codes } from '../code.ts';

export const SCHEDULE_CODES = {
  MB201: {
    severity: 'note',
    title: 'No backup CronJob',
    cause: 'Nothing in this namespace makes backups by itself.',
    evidence: 'No CronJob here runs this tool, or does what the backup guide’s CronJob does.',
    fix: 'Run `backup` from a CronJob, a CI job or by hand.',
  },
} as const satisfies Codes;
