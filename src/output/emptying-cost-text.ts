import type { EmptyingCost } from '../model/cache/emptying-cost.ts';
import { sizeInWords } from './byte-size.ts';

/** Pods named that did not answer; the rest is counted. */
const NAMED = 3;

/**
 * What emptying caches costs, a sentence an element: what they hold, and what will be asked of the database instead.
 * @param caches how many there are.
 * @param isForGood no pods take the place of these.
 */
export function emptyingCostLines(
  { items, bytes, hitRatio, hitsPerSecond, seconds, atMost, unanswered = [] }: EmptyingCost,
  { caches, isForGood = false }: { caches: number; isForGood?: boolean },
): string[] {
  const [it, is] = caches === 1 ? ['it', 'is'] : ['them', 'are'];
  const they = caches === 1 ? it : 'they';
  const most = atMost === true ? 'at most ' : '';
  const many = items === 1 ? '1 item' : `${items} items`;
  const held = items === 0 ? 'Nothing is in there' : `In there: ${most}${many} (${sizeInWords(bytes)})`;
  const until = isForGood ? '' : `, until ${they} ${is} filled again`;
  const instead = `${most}${perSecond(hitsPerSecond)} will go to the database instead${until}`;
  const unread =
    seconds === 0
      ? `nobody has read ${it}`
      : `nobody read ${it} in the ${seconds} s that ${they} ${caches === 1 ? 'was' : 'were'} looked at`;
  const reads = hitRatio === undefined ? unread : `${percent(hitRatio)} of reads hit: ${instead}`;
  const silent = unanswered.slice(0, NAMED).map((pod) => `pod/${pod}`);
  if (unanswered.length > NAMED) silent.push(`${unanswered.length - NAMED} more`);
  const noAnswer = `Not counted, because ${unanswered.length === 1 ? 'it' : 'they'} did not answer`;
  return [
    ...(unanswered.length < caches || items > 0 ? [`${held}; ${reads}.`] : []),
    ...(silent.length === 0 ? [] : [`${noAnswer}: ${silent.join(', ')}.`]),
  ];
}

/** "94 %"; 100 % only where nothing missed. */
function percent(ratio: number): string {
  return `${ratio === 1 ? 100 : Math.min(99, Math.round(100 * ratio))} %`;
}

function perSecond(rate: number): string {
  const shown = rate < 10 ? rate : Math.round(rate);
  return `${shown} ${shown === 1 ? 'request' : 'requests'} a second`;
}
