const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A span in one or two units: the smaller one only while the larger is still small. */
interface Step {
  /** Spans shorter than this, in milliseconds, are written so. */
  below: number;
  unit: [number, string];
  smaller?: [number, string];
}

/** The steps of kubectl's AGE column (k8s.io/apimachinery/pkg/util/duration, HumanDuration). */
const STEPS: Step[] = [
  { below: 2 * MINUTE, unit: [SECOND, 's'] },
  { below: 10 * MINUTE, unit: [MINUTE, 'm'], smaller: [SECOND, 's'] },
  { below: 3 * HOUR, unit: [MINUTE, 'm'] },
  { below: 8 * HOUR, unit: [HOUR, 'h'], smaller: [MINUTE, 'm'] },
  { below: 2 * DAY, unit: [HOUR, 'h'] },
  { below: 8 * DAY, unit: [DAY, 'd'], smaller: [HOUR, 'h'] },
  { below: 2 * YEAR, unit: [DAY, 'd'] },
  { below: 8 * YEAR, unit: [YEAR, 'y'], smaller: [DAY, 'd'] },
  { below: Number.POSITIVE_INFINITY, unit: [YEAR, 'y'] },
];

/**
 * Milliseconds as kubectl's AGE: 45s, 3m12s, 5h, 2d4h, 3y14d. A clock up to two seconds ahead reads as 0s;
 * further ahead, or not a number, as "<invalid>".
 */
export function formatAge(milliseconds: number): string {
  if (!(milliseconds > -2 * SECOND)) return '<invalid>';
  const span = Math.max(0, milliseconds);
  const step = STEPS.find(({ below }) => span < below);
  if (step === undefined) return '<invalid>';
  const [size, name] = step.unit;
  const whole = Math.floor(span / size);
  if (step.smaller === undefined) return `${whole}${name}`;
  const [smallerSize, smallerName] = step.smaller;
  const rest = Math.floor((span - whole * size) / smallerSize);
  return rest === 0 ? `${whole}${name}` : `${whole}${name}${rest}${smallerName}`;
}
