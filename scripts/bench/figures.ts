/** One measured comparison: medians in milliseconds. */
export interface Figure {
  what: string;
  ours: number;
  yardstick: string;
  theirs: number;
}

/** With milliseconds, for a person at the machine where they were measured. */
export function figuresWithTimes(figures: Figure[]): string {
  return figures
    .map(({ what, ours, yardstick, theirs }) =>
      [
        what.padEnd(32),
        `${ours.toFixed(0).padStart(6)} ms`,
        `${theirs.toFixed(0).padStart(6)} ms`,
        ratio(ours, theirs),
        yardstick,
      ].join('  '),
    )
    .join('\n');
}

/** Ratios only, as a Markdown table: milliseconds of one machine say nothing on another. */
export function figuresAsRatios(figures: Figure[]): string {
  const rows = figures.map(
    ({ what, ours, yardstick, theirs }) => `| ${what} | ${yardstick} | ${ratio(ours, theirs)} |`,
  );
  return ['| What | Against | Ratio |', '|---|---|---|', ...rows].join('\n');
}

function ratio(ours: number, theirs: number): string {
  return `${(ours / theirs).toFixed(2)}x`;
}
