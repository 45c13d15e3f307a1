import { UsageError } from '../errors/tool-error.ts';
import type { ItemLimits } from '../memcached/items/choose-items.ts';
import { parseQuantity } from '../model/kubernetes/quantity.ts';
import { parseLongDuration } from './duration.ts';
import type { Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';

/** On commands that read items of a cache. */
export const ITEM_LIMIT_FLAGS: readonly Flag[] = [
  {
    name: 'max-bytes',
    type: 'string',
    value: 'SIZE',
    neverEmpty: true,
    describe: 'The most recently used items of this size, such as 512Mi',
  },
  {
    name: 'max-age',
    type: 'string',
    value: 'DURATION',
    neverEmpty: true,
    describe: 'Only items that were used in the last 1h, say',
  },
  {
    name: 'prefix',
    type: 'string',
    value: 'TEXT',
    neverEmpty: true,
    describe: 'Only keys that begin with this',
  },
];

/** @throws UsageError */
export function itemLimits(values: FlagValues): ItemLimits {
  const [maxBytes, maxAge, prefix] = [sizeIn(values), values.text('max-age'), values.text('prefix')];
  return {
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: parseLongDuration(maxAge, 'max-age') / 1000 }),
    ...(prefix === undefined ? {} : { prefix }),
  };
}

function sizeIn(values: FlagValues): number | undefined {
  const text = values.text('max-bytes');
  if (text === undefined) return undefined;
  const bytes = parseQuantity(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new UsageError(`"${text}" is not a value for --max-bytes (expected a size, such as 512Mi)`);
}
