import type { LeftOut } from '../memcached/items/choose-items.ts';
import { sizeInWords } from '../output/byte-size.ts';
import type { Style } from '../output/io.ts';
import { printableLine } from '../output/printable.ts';
import type { FetchedUrls, HitRatioReached, PodCopy, WarmReport } from '../warm/warm-report.ts';

/** What was left out, in words. */
const LEFT_OUT: Record<LeftOut, string> = {
  expired: 'had ended',
  gone: 'gone before they were fetched',
  stale: 'stale',
  prefix: 'of another prefix',
  age: 'not used for longer',
  limit: 'beyond --max-bytes',
  room: 'no room',
  large: 'more than 64 MiB',
};

/** What was done and proved, for a person, a line each. */
export function warmLines(report: WarmReport, style: Style): string[] {
  const { copies = [], urls, hitRatio, lacking } = report;
  return [
    ...copies.flatMap(copyLines),
    ...(urls === undefined ? [] : urlLines(urls)),
    ...(hitRatio === undefined ? [] : [ratioLine(hitRatio)]),
    ...lacking.map((each) => style.yellow(printableLine(`Lacking: ${each}`))),
    ...(lacking.length > 0 ? [] : [style.green(printableLine(`Warm: ${report.release}`))]),
  ];
}

function copyLines(copy: PodCopy): string[] {
  const { from, to, listed, stored, kept, bytes, seconds, leftOut, checked } = copy;
  const rate = Math.round(listed / Math.max(seconds, 0.001));
  const others = Object.entries(leftOut).map(
    ([why, count]) => `${counted(count)} ${LEFT_OUT[why as LeftOut]}`,
  );
  const parts = [
    `${counted(stored)} of ${counted(listed)} items copied (${sizeInWords(bytes)})`,
    ...(kept === 0 ? [] : [`${counted(kept)} were there already`]),
    ...(others.length === 0 ? [] : [`left out: ${others.join(', ')}`]),
    `${seconds.toFixed(1)} s, ${counted(rate)} a second`,
  ];
  const again = `${counted(checked.same + checked.other)} of ${counted(checked.looked)} keys looked up again are there`;
  const fresher = checked.other === 0 ? '' : `, ${counted(checked.other)} of them written by others`;
  return [
    printableLine(`${from} → pod/${to}: ${parts.join('; ')}`),
    printableLine(`  ${again}${fresher}. The copy counts as ${counted(copy.fetched)} hits of ${from}.`),
  ];
}

function urlLines({
  urls,
  succeeded,
  failures,
  failed,
  seconds,
  itemsAdded,
  secondPass,
}: FetchedUrls): string[] {
  const more = failed - failures.length;
  return [
    `${succeeded} of ${urls} URLs answered in ${seconds.toFixed(1)} s; ${counted(itemsAdded)} more items than before`,
    ...failures.map(({ url, why }) => printableLine(`  failed: ${url}: ${why}`)),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(secondPass === undefined
      ? []
      : [
          `Second pass: ${counted(secondPass.hits)} hits, ${counted(secondPass.misses)} misses in ${secondPass.seconds.toFixed(1)} s (${counted(secondPass.idleMisses)} misses in as long before)`,
        ]),
  ];
}

function ratioLine({ goal, pods, seconds }: HitRatioReached): string {
  const shown = pods.map(({ pod, ratio, readsPerSecond }) =>
    ratio === undefined
      ? `pod/${pod} is hardly read (${readsPerSecond} a second)`
      : `pod/${pod} ${percent(ratio)} of ${readsPerSecond} reads a second`,
  );
  return printableLine(
    `Hit ratio of the last 10 s: ${shown.join(', ')}; wanted ${percent(goal)}, after ${seconds.toFixed(0)} s`,
  );
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

function counted(number: number): string {
  return number.toLocaleString('en-US');
}
