/** One measured comparison: medians in milliseconds. */
export interface Figure {
  what: string;
  ours: number;
  yardstick: string;
  theirs: number;
  /** The ratio that is promised; absent where the figure is only shown. */
  atMost?: number;
}

/** Something that is shown beside: "57 MiB". */
export interface Fact {
  what: string;
  amount: string;
}

/** With milliseconds, for a person at the machine where they were measured. */
export function figuresWithTimes(figures: Figure[]): string {
  return figures
    .map((figure) =>
      [
        figure.what.padEnd(52),
        `${figure.ours.toFixed(0).padStart(6)} ms`,
        `${figure.theirs.toFixed(0).padStart(6)} ms`,
        ratio(figure.ours, figure.theirs),
        boundOf(figure).padStart(8),
        verdictOf(figure).padEnd(7),
        figure.yardstick,
      ].join('  '),
    )
    .join('\n');
}

/** Ratios only, as a Markdown table: milliseconds of one machine say nothing on another. What is shown beside follows it. */
export function figuresAsRatios(figures: Figure[], beside: Fact[]): string {
  const rows = figures.map((figure) => {
    const { what, yardstick, ours, theirs } = figure;
    return `| ${what} | ${yardstick} | ${ratio(ours, theirs)} | ${boundOf(figure)} | ${verdictOf(figure)} |`;
  });
  return [
    '| What | Against | Ratio | At most | |',
    '|---|---|---|---|---|',
    ...rows,
    ...(beside.length === 0 ? [] : ['', factsInWords(beside)]),
  ].join('\n');
}

export function factsInWords(facts: Fact[]): string {
  return `${facts.map(({ what, amount }) => `${what}: ${amount}`).join('; ')}.`;
}

function ratio(ours: number, theirs: number): string {
  return `${(ours / theirs).toFixed(2)}x`;
}

function boundOf({ atMost }: Figure): string {
  return atMost === undefined ? '' : `${atMost.toFixed(2)}x`;
}

/** By the ratio as it is shown, to two digits. */
function verdictOf({ ours, theirs, atMost }: Figure): string {
  if (atMost === undefined) return '';
  return Number((ours / theirs).toFixed(2)) <= atMost ? 'holds' : 'missed';
}
