import { UsageError } from '../errors/tool-error.ts';

/** Go's units (time.ParseDuration) that make sense for a wait, in milliseconds. */
const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** setTimeout holds no more; beyond that it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ms|s|m|h)/y;

/**
 * Milliseconds of a Go duration: "5m", "1h30m", "1.5s", "300ms". A bare number is seconds, as in kubectl's
 * --request-timeout (k8s.io/client-go/tools/clientcmd, ParseTimeout). There "0" means no limit; a wait of
 * "0" looks once.
 * @throws UsageError naming the flag.
 */
export function parseDuration(text: string, flag: string): number {
  const milliseconds = parseLongDuration(text, flag);
  if (milliseconds > LONGEST_TIMER_MS) throw invalid(text, flag, '; at most 24 days');
  return milliseconds;
}

/** The same where no timer is to wait for so long. */
export function parseLongDuration(text: string, flag: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  let total = 0;
  let end = 0;
  for (const match of text.matchAll(new RegExp(PART, 'gy'))) {
    total += Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0);
    end = match.index + match[0].length;
  }
  if (end === 0 || end !== text.length) throw invalid(text, flag);
  return Math.round(total);
}

function invalid(text: string, flag: string, more = ''): UsageError {
  return new UsageError(`"${text}" is not a duration for --${flag} (examples: 30s, 5m, 1h30m${more})`);
}
