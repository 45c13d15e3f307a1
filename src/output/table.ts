import { isPlain, printableLine } from './printable.ts';

/** A column of a table over rows of type T. */
export interface Column<T> {
  /** As kubectl writes it: upper case. */
  header: string;
  /** The cell; an empty one is shown as "<none>", as kubectl does. */
  cell: (row: T) => string;
  /** Shown by `-o wide` only. */
  wide?: boolean;
}

export interface TableOptions {
  wide: boolean;
  /** False for --no-headers. */
  headers: boolean;
}

/**
 * Rows as kubectl prints them: three spaces between columns, no spaces at a line's end, control characters
 * in cells escaped. Ends with a newline; an empty string where there are no rows.
 */
export function formatTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  options: TableOptions,
): string {
  if (rows.length === 0) return '';
  const shown = columns.filter((column) => options.wide || column.wide !== true);
  const lines = rows.map((row) => shown.map(({ cell }) => printableLine(cell(row)) || '<none>'));
  if (options.headers) lines.unshift(shown.map(({ header }) => header));
  // One by one: as arguments of a call, thousands of rows are too many.
  const widths = shown.map((_, index) => lines.reduce((most, line) => Math.max(most, width(line[index])), 0));
  return lines.map((line) => `${formatLine(line, widths)}\n`).join('');
}

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - width(cell)));
  return padded.join('   ').trimEnd();
}

/** Characters, not UTF-16 units. */
function width(cell = ''): number {
  return isPlain(cell) ? cell.length : [...cell].length;
}
