import { DRILL_MAX_AGE_DAYS } from '../records/drill-verdict.ts';

/** When alerts fire, where that is for a team to say. */
export interface Thresholds {
  /** Seconds since the last good backup. */
  maxAge: number;
  /** Seconds that a run may take. */
  maxDuration: number;
  /** The least share of runs that succeed, between 0 and 1. */
  successRate: number;
  /** Seconds since the last drill that passed. */
  maxDrillAge: number;
}

/** A nightly backup and two hours of grace; the duration is a guide's own target, and its success rate of 100% would fire for a week at one failure of many. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  maxAge: 26 * 3600,
  maxDuration: 120,
  successRate: 0.95,
  maxDrillAge: DRILL_MAX_AGE_DAYS * 86_400,
};

/** Seconds that a run may be late: no later one starts it, for `schedule install` writes startingDeadlineSeconds: 3600. */
export const LATE_AFTER = 3600;

/** The share of a store that may be in use. */
export const FULL_FROM = 0.85;
