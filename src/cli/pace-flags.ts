import { UsageError } from '../errors/tool-error.ts';
import { DEFAULT_PACE, type Pace } from '../restore/pods/paced/pace.ts';
import { parseDuration } from './duration.ts';
import type { Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';

/** On whatever replaces pods. */
export const PACE_FLAGS: readonly Flag[] = [
  {
    name: 'paced',
    type: 'boolean',
    describe: 'Empty one cache at a time, the next when it is warm',
  },
  {
    name: 'hit-ratio',
    type: 'string',
    value: 'SHARE',
    neverEmpty: true,
    takes: {
      isValid: (value) => /^(?:0?\.\d{1,6}|1(?:\.0{1,6})?)$/.test(value) && Number(value) > 0,
      expected: 'a share of 1, such as 0.9',
    },
    explainedIn: 'pace',
    describe:
      'The share of the old hit ratio that a new pod has to be back at before the next one goes (default: 0.9)',
  },
  {
    name: 'pace-timeout',
    type: 'string',
    value: 'DURATION',
    neverEmpty: true,
    explainedIn: 'pace',
    describe: 'How long one is waited for to be back at it (default: 5m)',
  },
  {
    name: 'warm-from-old',
    type: 'boolean',
    explainedIn: 'pace',
    describe: 'Carry the items of each pod over to the one that takes its place',
  },
];

/** What they say; nothing without --paced. @throws UsageError for the others without it. */
export function paceOptions(values: FlagValues): { pace?: Pace } {
  const [ratio, timeout] = [values.text('hit-ratio'), values.text('pace-timeout')];
  if (!values.isSet('paced')) {
    const lone = PACE_FLAGS.find(({ name }) => values.has(name) && name !== 'paced')?.name;
    if (lone === undefined) return {};
    throw new UsageError(`--${lone} says how gently pods are replaced: it needs --paced`);
  }
  return {
    pace: {
      hitRatio: ratio === undefined ? DEFAULT_PACE.hitRatio : Number(ratio),
      timeoutMs: timeout === undefined ? DEFAULT_PACE.timeoutMs : parseDuration(timeout, 'pace-timeout'),
      ...(values.isSet('warm-from-old') ? { warmFromOld: true } : {}),
    },
  };
}
