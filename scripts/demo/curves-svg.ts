/** How the share of reads that find something went. */
export interface Curve {
  name: string;
  colour: string;
  /** Seconds since the command began, before it negative; and the share, 0 to 1. */
  points: { seconds: number; hitRatio: number }[];
}

const SIZE = { width: 720, height: 250 };
const PLOT = { left: 46, right: 12, top: 34, bottom: 34 };
/** Readable on a light and on a dark page. */
const GREY = '#8b949e';

/** The curves in one picture of some kilobytes, without fonts or styles of its own. Pure. */
export function curvesSvg(curves: readonly Curve[]): string {
  const all = curves.flatMap(({ points }) => points.map(({ seconds }) => seconds));
  const [first, last] = [Math.min(0, ...all), Math.max(1, ...all)];
  const x = (seconds: number): string =>
    (PLOT.left + ((seconds - first) / (last - first)) * (SIZE.width - PLOT.left - PLOT.right)).toFixed(1);
  const y = (share: number): string =>
    (PLOT.top + (1 - share) * (SIZE.height - PLOT.top - PLOT.bottom)).toFixed(1);
  const bottom = SIZE.height - PLOT.bottom;
  const every = Math.max(10, Math.ceil(last / 8 / 10) * 10);
  const marks = Array.from({ length: Math.floor(last / every) + 1 }, (_, at) => at * every);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${PLOT.left}" x2="${SIZE.width - PLOT.right}" y1="${y(share)}" y2="${y(share)}" stroke="${GREY}" stroke-opacity="0.3"/>` +
      text({ x: PLOT.left - 6, y: Number(y(share)) + 4, anchor: 'end' }, `${share * 100} %`),
  );
  const time = marks.map((seconds) =>
    text(
      { x: Number(x(seconds)), y: bottom + 18, anchor: 'middle' },
      seconds === 0 ? 'start' : `${seconds} s`,
    ),
  );
  const drawn = curves.map(
    ({ colour, points }) =>
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(({ seconds, hitRatio }) => `${x(seconds)},${y(hitRatio)}`).join(' ')}"/>`,
  );
  const names = curves.map(({ name, colour }, at) =>
    text({ x: PLOT.left + at * 330, y: 20, anchor: 'start', colour, weight: 'bold' }, name),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(`Hit ratio over time: ${curves.map(({ name }) => name).join(', ')}`)}</title>`,
    ...grid,
    ...time,
    ...drawn,
    ...names,
    '</svg>\n',
  ].join('\n');
}

function text(
  {
    x,
    y,
    anchor,
    colour = GREY,
    weight,
  }: {
    x: number;
    y: number;
    anchor: 'start' | 'middle' | 'end';
    colour?: string;
    weight?: string;
  },
  words: string,
): string {
  const bold = weight === undefined ? '' : ` font-weight="${weight}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}"${bold}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
