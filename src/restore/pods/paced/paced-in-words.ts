import { displayName } from '../../../model/kubernetes/object.ts';
import type { PacedPod } from './pace.ts';
import { percent } from './warm-up.ts';

/** "pod/cart-1 is new: its hit ratio is 93 %, of 95 % before, after 12.3 s" */
export function pacedInWords({ pod, outcome, oldHitRatio, hitRatio, seconds, carried }: PacedPod): string {
  const before = oldHitRatio === undefined ? '' : `, of ${percent(oldHitRatio)} before`;
  const ratio = hitRatio === undefined ? 'unknown' : percent(hitRatio);
  const how = {
    warm: `its hit ratio is ${ratio}${before}, after ${seconds} s`,
    'hardly-read':
      oldHitRatio === undefined
        ? 'its cache was hardly read before, and is not waited for'
        : `it is hardly read, and was not waited for longer than ${seconds} s`,
    'timed-out': `its hit ratio is ${ratio}${before}, and was waited for no longer than ${seconds} s`,
    'not-counted': 'it does not say how often it is read, and is not waited for',
  };
  return [`${displayName(pod)} is new`, ...carriedInWords(carried), how[outcome]].join(': ');
}

function carriedInWords(carried: PacedPod['carried']): string[] {
  if (carried === undefined) return [];
  const { from, stored, kept, refused, evicted } = carried;
  const but = [
    ...(kept === 0 ? [] : [`had ${kept} already`]),
    ...(refused === 0 ? [] : [`has no room for ${refused}`]),
    ...(evicted === 0 ? [] : [`dropped ${evicted} for them`]),
  ];
  return [`it got ${stored} items of ${displayName(from)}${but.map((text) => `, ${text}`).join('')}`];
}
