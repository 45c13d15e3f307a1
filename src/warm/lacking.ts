import type { LeftOut } from '../memcached/items/choose-items.ts';
import { sizeInWords } from '../output/byte-size.ts';
import type { FetchedUrls, HitRatioReached, PodCopy } from './warm-report.ts';

/** What was left out for no wish of the user's. */
const NOT_WANTED: readonly LeftOut[] = ['large'];

/** Why a copy is not whole, a clause each. What was left out because the user said so, or ended meanwhile, is no lack. */
export function lackingOfCopy(copy: PodCopy): string[] {
  const { to, noRoom, evicted, refused, leftOut, checked } = copy;
  const pod = `pod/${to}`;
  const lacking: string[] = [];
  if ((leftOut.room ?? 0) > 0) {
    lacking.push(
      `${pod} has no room for ${items(leftOut.room ?? 0)} (${sizeInWords(Math.round(noRoom.bytes))}), the least recently used: they were left out`,
    );
  }
  if (evicted > 0) lacking.push(`${pod} dropped ${items(evicted)} meanwhile to make room (evictions)`);
  for (const [words, count] of Object.entries(refused))
    lacking.push(`${pod} refused ${items(count)}: ${words}`);
  for (const why of NOT_WANTED) {
    if ((leftOut[why] ?? 0) > 0)
      lacking.push(`${items(leftOut[why] ?? 0)} of more than 64 MiB were left out on the way to ${pod}`);
  }
  if (checked.missing > 0)
    lacking.push(`of ${checked.looked} keys that were looked up again ${checked.missing} were not in ${pod}`);
  return lacking;
}

export function lackingOfUrls({ failed, urls, secondPass }: FetchedUrls): string[] {
  const lacking: string[] = [];
  if (failed > 0) lacking.push(`${failed} of ${urls} URLs failed`);
  if (secondPass === undefined)
    lacking.push('there was no second pass: nothing proves that the cache is warm');
  else if (!secondPass.isProved) {
    const { misses, hits, idleMisses } = secondPass;
    lacking.push(
      hits === 0
        ? 'no pod was read in the second pass: the URLs are not answered by way of this cache'
        : `the second pass still had ${misses} misses (${idleMisses} in as long before)`,
    );
  }
  return lacking;
}

export function lackingOfRatio({ isReached, goal, pods, seconds }: HitRatioReached): string[] {
  if (isReached) return [];
  const shown = pods.map(
    ({ pod, ratio }) =>
      `pod/${pod} ${ratio === undefined ? 'is hardly read' : `${Math.round(100 * ratio)} %`}`,
  );
  return [
    `a hit ratio of ${Math.round(100 * goal)} % was not reached within ${Math.round(seconds)} s: ${shown.join(', ')}`,
  ];
}

function items(count: number): string {
  return count === 1 ? '1 item' : `${count.toLocaleString('en-US')} items`;
}
