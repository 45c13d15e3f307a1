import { UsageError } from '../../errors/tool-error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { CLUSTER_NAME, OUTPUT, outputFormat, STORE_FLAGS } from '../common-flags.ts';
import { parseDuration } from '../duration.ts';
import type { FlagValues } from '../flag-values.ts';
import { ITEM_LIMIT_FLAGS, itemLimits } from '../item-limits.ts';
import { IDENTITY } from '../key-flags.ts';

export const warmCommand: CommandSpec = {
  name: 'warm',
  arguments: ['RELEASE'],
  summary: 'Fill a cache again, and prove that it is warm',
  details:
    'From another cache, by asking for URLs, or both; then, where asked for, waits until clients find what they look for. Only what the cache has not is written: fresh writes win. ' +
    "--from is a release or pod/NAME, of this namespace or NAMESPACE/…; of several pods each one's items go to the pod of the same ordinal.",
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    IDENTITY,
    {
      name: 'from',
      type: 'string',
      value: 'CACHE',
      neverEmpty: true,
      describe: 'Copy the items of this release, of pod/NAME, or of its snapshot RELEASE@ID',
    },
    {
      name: 'to',
      type: 'string',
      value: 'POD',
      neverEmpty: true,
      describe: 'With --from: copy to this pod of the release alone',
    },
    ...ITEM_LIMIT_FLAGS,
    {
      name: 'url',
      type: 'list',
      value: 'URL',
      describe: 'Ask for this URL, twice (repeatable)',
    },
    {
      name: 'urls',
      type: 'string',
      value: 'FILE',
      neverEmpty: true,
      describe: 'Ask for the URLs in this file, one a line',
    },
    {
      name: 'header-file',
      type: 'string',
      value: 'FILE',
      neverEmpty: true,
      describe: 'Headers of the requests, one a line: "Authorization: …"',
    },
    {
      name: 'concurrency',
      type: 'string',
      value: 'N',
      describe: 'URLs at once (default: 4)',
    },
    {
      name: 'rate',
      type: 'string',
      value: 'N',
      describe: 'At most so many URLs a second (default: no limit)',
    },
    {
      name: 'retries',
      type: 'string',
      value: 'N',
      describe: 'More tries of a URL that fails (default: 2)',
    },
    {
      name: 'max-failures',
      type: 'string',
      value: 'N',
      describe: 'Ask for no more after so many failures (default: 10)',
    },
    {
      name: 'until-hit-ratio',
      type: 'string',
      value: 'RATIO',
      neverEmpty: true,
      describe: 'Wait until so many reads are hits, such as 0.9',
    },
    {
      name: 'timeout',
      type: 'string',
      value: 'DURATION',
      describe: 'For the hit ratio (default: 10m); for each URL (30s at most)',
    },
    OUTPUT,
  ],
  examples: [
    {
      purpose: 'Copy what another release holds',
      words: 'warm my-memcached -n cache --from old-memcached',
    },
    {
      purpose: 'Give it what its newest snapshot holds',
      words: 'warm my-memcached -n cache --from my-memcached@latest --identity key.txt',
    },
    {
      purpose: 'Have the application fill it, four URLs at once',
      words: 'warm my-memcached -n cache --urls urls.txt --concurrency 4',
    },
    {
      purpose: 'Watch until nine of ten reads are hits',
      words: 'warm my-memcached -n cache --until-hit-ratio 0.9',
    },
  ],
  exitCodes: {
    0: 'it is warm',
    5: 'something is lacking, such as room for all of it, or the hit ratio; it says what',
  },
  seeAlso: ['snapshot', 'restore', 'docs/warm.md'],
  run: async ({ words: [release = ''], values }, context) => {
    const { warm } = await import('../../commands/warm.ts');
    const [from, to] = [values.text('from'), values.text('to')];
    const clusterName = values.text('cluster-name');
    const [urlFile, headerFile] = [values.text('urls'), values.text('header-file')];
    const goal = ratioIn(values, 'until-hit-ratio');
    const timeoutMs = parseDuration(values.text('timeout') ?? '10m', 'timeout');
    return warm(
      {
        release,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to: to.replace(/^pod\//, '') }),
        limits: itemLimits(values),
        ...(clusterName === undefined ? {} : { clusterName }),
        givenUrls: values.list('url'),
        ...(urlFile === undefined ? {} : { urlFile }),
        ...(headerFile === undefined ? {} : { headerFile }),
        how: {
          concurrency: numberIn(values, 'concurrency', { least: 1, most: 256 }) ?? 4,
          rate: numberIn(values, 'rate', { least: 0.001, most: 1e6 }),
          retries: numberIn(values, 'retries', { least: 0, most: 10 }) ?? 2,
          maxFailures: numberIn(values, 'max-failures', { least: 0, most: 1e9 }) ?? 10,
          timeoutMs: Math.min(timeoutMs, 30_000),
        },
        ...(goal === undefined ? {} : { hitRatio: { goal, timeoutMs } }),
        output: outputFormat(values),
      },
      context,
    );
  },
};

/** @throws UsageError */
function numberIn(
  values: FlagValues,
  flag: string,
  { least, most }: { least: number; most: number },
): number | undefined {
  const text = values.text(flag);
  if (text === undefined) return undefined;
  const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`"${text}" is not a value for --${flag} (expected a number from ${least} to ${most})`);
}

/** @throws UsageError */
function ratioIn(values: FlagValues, flag: string): number | undefined {
  const text = values.text(flag);
  if (text === undefined) return undefined;
  const percent = /^(\d+(?:\.\d+)?) ?%$/.exec(text)?.[1];
  const ratio = percent === undefined ? Number(text) : Number(percent) / 100;
  if (ratio > 0 && ratio <= 1) return ratio;
  throw new UsageError(`"${text}" is not a value for --${flag} (expected a share, such as 0.9 or 90%)`);
}
