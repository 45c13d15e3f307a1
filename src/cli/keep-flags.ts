import { parseSpan } from '../model/retention/calendar-span.ts';
import { DEFAULT_RULES, type KeepRules } from '../model/retention/keep-rules.ts';
import type { RetentionRules } from '../model/retention/retention.ts';
import type { Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';

const COUNT = {
  isValid: (value: string) => /^[1-9]\d{0,5}$/.test(value) || value === 'unlimited',
  expected: 'a number from 1, or "unlimited"',
};
const SPAN = {
  isValid: (value: string) => parseSpan(value) !== undefined,
  expected: 'a span such as 30d, 12h or 1y6m, of years, months (m), days and hours',
};
const RULES = ['last', 'daily', 'weekly', 'monthly', 'yearly'] as const;

/** On `prune`, and on `backup`, which then prunes. */
export const KEEP_FLAGS: readonly Flag[] = [
  {
    name: 'keep-last',
    type: 'string',
    value: 'N',
    neverEmpty: true,
    takes: COUNT,
    describe: 'Keep the newest N',
  },
  {
    name: 'keep-within',
    type: 'string',
    value: 'SPAN',
    neverEmpty: true,
    takes: SPAN,
    describe: 'Keep what is not older than the newest by more, such as 30d',
  },
  ...(['daily', 'weekly', 'monthly', 'yearly'] as const).map(
    (rule): Flag => ({
      name: `keep-${rule}`,
      type: 'string',
      value: 'N',
      neverEmpty: true,
      takes: COUNT,
      describe: `Keep the newest of each of N ${{ daily: 'days', weekly: 'weeks', monthly: 'months', yearly: 'years' }[rule]} (UTC) with one`,
    }),
  ),
  {
    name: 'keep-min',
    type: 'string',
    value: 'N',
    neverEmpty: true,
    takes: { isValid: (value) => /^[1-9]\d{0,5}$/.test(value), expected: 'a number from 1' },
    describe: 'Complete backups of each release that stay whatever the rules say (default: 3)',
  },
  {
    name: 'keep-safety',
    type: 'string',
    value: 'SPAN',
    neverEmpty: true,
    takes: SPAN,
    describe: 'Keep the safety backups of restores so long (default: 7d)',
  },
];

/** The rules of the command line; undefined where no flag gives one. */
export function givenRules(values: FlagValues): RetentionRules | undefined {
  return KEEP_FLAGS.some(({ name }) => values.has(name)) ? retentionRules(values) : undefined;
}

/** The same, with what counts where no flag is given. */
export function retentionRules(values: FlagValues): RetentionRules {
  const within = spanOf(values, 'keep-within');
  const counts = RULES.flatMap((rule) => {
    const count = values.text(`keep-${rule}`);
    return count === undefined
      ? []
      : [[rule, count === 'unlimited' ? Number.POSITIVE_INFINITY : Number(count)]];
  });
  const keep: KeepRules = { ...Object.fromEntries(counts), ...(within === undefined ? {} : { within }) };
  return {
    keep: Object.keys(keep).length === 0 ? DEFAULT_RULES : keep,
    keepMin: Number(values.text('keep-min') ?? 3),
    keepSafety: spanOf(values, 'keep-safety') ?? { years: 0, months: 0, days: 7, hours: 0 },
  };
}

function spanOf(values: FlagValues, name: string): ReturnType<typeof parseSpan> {
  const text = values.text(name);
  return text === undefined ? undefined : parseSpan(text);
}
