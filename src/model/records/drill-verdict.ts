import type { DrillReport } from './drill-report.ts';

/** How a drill went: "late" passed, and took longer than its target. */
export type DrillVerdict = 'passed' | 'late' | 'failed' | 'cut-off';

export function drillVerdict({ outcome, met }: Pick<DrillReport, 'outcome' | 'met'>): DrillVerdict {
  return outcome === 'passed' && met === false ? 'late' : outcome;
}

/** A drill each quarter (the backup guide), and a week to come to it. */
export const DRILL_MAX_AGE_DAYS = 99;

export function isDrillOld({ at }: Pick<DrillReport, 'at'>, now: Date): boolean {
  return now.getTime() - Date.parse(at) > DRILL_MAX_AGE_DAYS * 86_400_000;
}

/** Seconds for a person: "4.2 s", "41 s", "3 min 20 s", "1 h 5 min". */
export function drillTime(seconds: number): string {
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return units(whole, [60, 'min'], [1, 's']);
  return units(whole, [3600, 'h'], [60, 'min']);
}

function units(seconds: number, [large, one]: [number, string], [small, other]: [number, string]): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${one}${rest === 0 ? '' : ` ${rest} ${other}`}`;
}

/** "passed in 41 s", "took 20 min, 15 min was the target", "failed: …"; one clause. */
export function drillInWords(report: DrillReport): string {
  const { seconds, targetSeconds, failure } = report;
  switch (drillVerdict(report)) {
    case 'passed':
      return `passed in ${drillTime(seconds)}`;
    case 'late':
      return `passed in ${drillTime(seconds)}, and ${drillTime(targetSeconds ?? 0)} was its target`;
    case 'failed':
      return `failed after ${drillTime(seconds)}${failure === undefined ? '' : `: ${failure}`}`;
    case 'cut-off':
      return `was cut off after ${drillTime(seconds)}${failure === undefined ? '' : `: ${failure}`}`;
  }
}
