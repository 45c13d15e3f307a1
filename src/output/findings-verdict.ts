import { type Spelling, spellAdvice } from '../advice/spell.ts';
import type { Area, Finding, Severity, WayBack } from '../model/findings/finding.ts';
import { displayName } from '../model/kubernetes/object.ts';
import { formatAge } from './age.ts';
import { emptiedText } from './emptied-text.ts';
import { printableLine } from './printable.ts';

export interface VerdictOptions {
  now: Date;
  spelling: Spelling;
  /** Name the release. */
  several: boolean;
}

/** Of failures alike in severity, what clients feel comes first. */
const URGENCY: readonly Area[] = ['rollout', 'cache', 'restore', 'access', 'storage', 'schedule'];
/** Longest reason that is quoted, in characters. */
const WHY = 120;

/**
 * What doctor ends with, three lines at most: how much it found; of the worst since when and why; the quickest safe way back,
 * and what that empties. Where nothing fails but the pods run with other settings than at the newest backup, that.
 */
export function verdictLines(findings: readonly Finding[], options: VerdictOptions): string[] {
  const told =
    worstOf(findings) ?? findings.find(({ severity, waysBack }) => severity === 'note' && waysBack);
  const counts = countsText(findings);
  if (told === undefined) return [counts];
  const [way] = told.waysBack ?? [];
  const text = sentence(told, options);
  const first = `${counts} ${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  if (way === undefined) return [first];
  const command = spellAdvice(way.advice, options.spelling);
  const fails = told.severity === 'fail';
  return [
    first,
    `${fails ? 'Quickest safe way back' : 'Where that was not meant'}: ${command}`,
    whatItDoes(way),
  ];
}

/** "1 failure, 2 warnings, 4 notes."; "Nothing is wrong; 4 notes." */
function countsText(findings: readonly Finding[]): string {
  const counted = (severity: Severity, one: string, many: string): string[] => {
    const count = findings.filter((each) => each.severity === severity).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  };
  const wrong = [
    ...counted('fail', 'failure', 'failures'),
    ...counted('warn', 'warning', 'warnings'),
    ...counted('unknown', 'thing that could not be looked at', 'things that could not be looked at'),
  ];
  const notes = counted('note', 'note', 'notes');
  return wrong.length === 0
    ? `${['Nothing is wrong', ...notes].join('; ')}.`
    : `${[...wrong, ...notes].join(', ')}.`;
}

function worstOf(findings: readonly Finding[]): Finding | undefined {
  const failures = findings.filter(({ severity }) => severity === 'fail');
  const rank = ({ area, waysBack }: Finding): number =>
    (waysBack === undefined ? URGENCY.length : 0) + URGENCY.indexOf(area);
  return failures.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** "For 4m12s, deployment.apps/cart: its pods’ containers end again and again: Too few connections." */
function sentence(finding: Finding, { now, several }: VerdictOptions): string {
  const { object, release, summary, since } = finding;
  const ofRelease = several && release !== undefined ? `${release.namespace}/${release.name}: ` : '';
  const subject = object === undefined ? '' : `${displayName(object)}: `;
  const age = since === undefined ? undefined : formatAge(now.getTime() - Date.parse(since));
  const why = reasonOf(finding);
  const text = `${ofRelease}${subject}${summary}${why === undefined ? '' : `: ${why}`}`;
  return printableLine(age === undefined ? `${text}.` : `For ${age}: ${text}.`);
}

/** What a container said last before it ended. */
function reasonOf({ evidence }: Finding): string | undefined {
  const said = evidence.findLast(({ text }) => text.startsWith(LOG))?.text.slice(LOG.length);
  if (said === undefined) return undefined;
  return `“${said.length > WHY ? `${said.slice(0, WHY - 1)}…` : said}”`;
}

const LOG = 'log: ';

/** "It brings back -m 48 -c 256, and empties 2 caches." */
function whatItDoes({ settings, cachesEmptied }: WayBack): string {
  const brings = settings === undefined ? '' : `brings back ${settings}`;
  const both = [brings, emptiedText(cachesEmptied)].filter((part) => part !== '');
  return printableLine(`It ${both.join(', and ')}.`);
}
