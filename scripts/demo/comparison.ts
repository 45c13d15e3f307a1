/** What one way of recovering did to one damage. */
export interface Recovery {
  damage: string;
  way: string;
  /** Pods whose own `stats settings` were right afterwards, of all pods. */
  settingsRight: { pods: number; of: number };
  /** Caches that held keys before and none afterwards; undefined where the damage itself had emptied them. */
  cachesEmptied: number | undefined;
  /** Revisions that `helm history` shows afterwards. */
  revisions: number;
  ms: number;
}

const HEADER = ['Damage', 'Way back', 'Settings right', 'Caches emptied', 'Helm history', 'Time'];

/** A Markdown table that is also readable in a terminal. */
export function comparisonTable(recoveries: Recovery[]): string {
  const rows = recoveries.map(
    ({ damage, way, settingsRight: { pods, of }, cachesEmptied, revisions, ms }) => [
      damage,
      way,
      pods === of && of > 0 ? `yes, ${pods} of ${of} pods` : `**no**, ${pods} of ${of} pods`,
      cachesEmptied === undefined
        ? '-'
        : pods === of
          ? String(cachesEmptied)
          : `${cachesEmptied}, for nothing`,
      `${revisions} ${revisions === 1 ? 'revision' : 'revisions'}`,
      `${(ms / 1000).toFixed(1)} s`,
    ],
  );
  const widths = HEADER.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(HEADER), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
