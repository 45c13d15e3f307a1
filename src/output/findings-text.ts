import { effectOf } from '../advice/effect.ts';
import { type Spelling, spellAdvice } from '../advice/spell.ts';
import {
  AREAS,
  bySeverity,
  type Evidence,
  type Finding,
  type Severity,
  type WayBack,
} from '../model/findings/finding.ts';
import { displayName } from '../model/kubernetes/object.ts';
import { formatAge } from './age.ts';
import { emptiedText } from './emptied-text.ts';
import type { Paint, Style } from './io.ts';
import { printableLine } from './printable.ts';
import { cutForTerminal } from './wrap.ts';

export interface FindingsTextOptions {
  now: Date;
  /** Also the consequences behind each cause, and all of the evidence. */
  wide: boolean;
  /** Name the release and the namespace of each finding. */
  several: boolean;
  /** Of the terminal: evidence of more than a few lines is cut, unless `wide`; undefined for a pipe, which gets all of it. */
  columns?: number | undefined;
  /** Notes that are named in one line, by their codes. */
  folded?: readonly Finding[];
  /** Of the commands that are advised. */
  spelling: Spelling;
}

/** Lines of evidence shown of one finding, unless `wide`. */
const SHOWN = 4;

/** Findings for a person: the areas that have failures first, in each the worst first. */
export function findingsText(
  findings: readonly Finding[],
  style: Style,
  options: FindingsTextOptions,
): string {
  const areas = AREAS.map((area) => findings.filter((each) => each.area === area).toSorted(bySeverity))
    .filter((group) => group.length > 0)
    // Stable: areas alike keep their order.
    .sort(([a], [b]) => bySeverity(a!, b!));
  const parts = areas.map((group) => `${areaText(group, style, options)}\n`);
  const { folded = [] } = options;
  if (folded.length > 0) parts.push(`${foldedLine(folded, style)}\n`);
  return parts.join('\n');
}

/** "NOTES on how it is set up: MB551, MB623 (2), MB651; --min-severity note shows them" */
function foldedLine(folded: readonly Finding[], style: Style): string {
  const codes = [...Map.groupBy(folded, ({ code }) => code)].map(([code, group]) =>
    group.length === 1 ? code : `${code} (${group.length})`,
  );
  const title = style.bold(folded.length === 1 ? 'NOTE' : 'NOTES');
  return `${title} on how it is set up: ${codes.join(', ')}; --min-severity note shows ${folded.length === 1 ? 'it' : 'them'}`;
}

function areaText(group: Finding[], style: Style, options: FindingsTextOptions): string {
  const title = style.bold(group[0]!.area.toUpperCase());
  return [title, ...group.flatMap((each) => findingLines(each, style, options))].join('\n');
}

function findingLines(each: Finding, style: Style, options: FindingsTextOptions): string[] {
  const { code, severity, summary, evidence, advice, waysBack = [], consequences, object, release } = each;
  const paint = paintOf(severity, style);
  const subject = object === undefined ? '' : `${displayName(object)}: `;
  const ofRelease =
    options.several && release !== undefined
      ? style.dim(` (${printableLine(`${release.namespace}/${release.name}`)})`)
      : '';
  const lines = [`  ${paint(severity.padEnd(7))} ${code} ${printableLine(subject + summary)}${ofRelease}`];
  // A raw error that the summary repeats is shown once.
  const untold = options.wide ? evidence : evidence.filter(({ text }) => !summary.includes(text));
  const shown = options.wide ? untold : untold.slice(0, SHOWN);
  for (const item of shown) lines.push(style.dim(`          ${evidenceLine(item, options)}`));
  if (shown.length < untold.length) {
    lines.push(style.dim(`          ${untold.length - shown.length} more lines: -o wide`));
  }
  for (const each of advice) {
    const text = printableLine(spellAdvice(each, options.spelling));
    lines.push(`          ${style.cyan(`${effectOf(each)}:`)} ${text}`);
    const way = waysBack.find((one) => one.advice === each);
    if (way !== undefined) lines.push(style.dim(`               ${printableLine(wayText(way))}`));
  }
  if (consequences.length > 0) lines.push(style.dim(`          explains: ${consequenceLine(each, options)}`));
  return lines;
}

/** "back to -m 48 -c 256, empties no cache that serves (revision 3: pod/cart-1 is ready and runs as it says)" */
function wayText({ settings, cachesEmptied, why }: WayBack): string {
  const does = [...(settings === undefined ? [] : [`back to ${settings}`]), emptiedText(cachesEmptied)];
  return `${does.join(', ')} (${why})`;
}

function consequenceLine({ consequences }: Finding, { wide }: FindingsTextOptions): string {
  const text = ({ code, object, summary }: Finding['consequences'][number]): string =>
    wide
      ? printableLine(`${code} ${object === undefined ? '' : `${displayName(object)}: `}${summary}`)
      : code;
  return [...new Set(consequences.map(text))].join(wide ? '; ' : ', ');
}

function evidenceLine({ text, at }: Evidence, { now, wide, columns }: FindingsTextOptions): string {
  const line = printableLine(text);
  const whole = at === undefined ? line : `${formatAge(now.getTime() - Date.parse(at))} ago: ${line}`;
  return wide ? whole : cutForTerminal(whole, columns);
}

function paintOf(severity: Severity, style: Style): Paint {
  return { fail: style.red, warn: style.yellow, unknown: style.yellow, note: style.cyan, ok: style.green }[
    severity
  ];
}
