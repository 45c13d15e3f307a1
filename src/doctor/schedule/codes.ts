import type { Codes } from '../code.ts';
import { DRILL_CODES } from './drill-codes.ts';
import { DUE_CODES } from './due-codes.ts';
import { JOB_CODES } from './job-codes.ts';
import { POD_CODES } from './pod-codes.ts';
import { SCRIPT_CODES } from './script-codes.ts';

/** MB200: is it due; 220: its Job; 230: its pod's start; 240: its pod's end; 250: what its script did; 260: its drills. */
export const SCHEDULE_CODES = {
  ...DUE_CODES,
  ...JOB_CODES,
  ...POD_CODES,
  ...SCRIPT_CODES,
  ...DRILL_CODES,
} as const satisfies Codes;
