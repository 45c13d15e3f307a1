import { isPlain, printableLine } from './printable.ts';
import { cutTo } from './wrap.ts';

/** A column of a table over rows of type T. */
export interface Column<T> {
  /** As kubectl writes it: upper case. */
  header: string;
  /** The cell; an empty one is shown as "<none>", as kubectl does. */
  cell: (row: T) => string;
  /** Shown by `-o wide` only. */
  wide?: boolean;
  /** Left out where a terminal is too narrow for the table, the column with the smallest number first. */
  spare?: number;
  /** Words that may end in "…" where a terminal is too narrow; not names and ids, which are copied. */
  mayBeCut?: true;
}

export interface TableOptions {
  wide: boolean;
  /** False for --no-headers. */
  headers: boolean;
  /** Of the terminal; undefined for a pipe or a file, which get all of it, as `-o wide` does. */
  columns?: number | undefined;
}

/** Spaces between columns, as in kubectl's tables, and where room is scarce. */
const GAP = 3;
const SMALL_GAP = 2;
/** Rather than cut words shorter than this, a spare column is left out. */
const LEGIBLE = 24;

/** The cells of one column, its header among them where that is shown. */
interface Shown {
  cells: string[];
  width: number;
  spare: number;
  mayBeCut: boolean;
}

/**
 * Rows as kubectl prints them: no spaces at a line's end, control characters in cells escaped. Ends with a newline; an empty string
 * where there are no rows.
 */
export function formatTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  options: TableOptions,
): string {
  if (rows.length === 0) return '';
  const shown = columns
    .filter((column) => options.wide || column.wide !== true)
    .map((column) => cellsOf(column, rows, options.headers));
  const room = options.wide ? undefined : options.columns;
  const gap = room === undefined || totalWidth(shown, GAP) <= room ? GAP : SMALL_GAP;
  const fitted = room === undefined ? shown : fitTo(shown, room, gap);
  const height = fitted[0]?.cells.length ?? 0;
  let text = '';
  for (let row = 0; row < height; row++) text += `${formatLine(fitted, row, gap)}\n`;
  return text;
}

function cellsOf<T>(column: Column<T>, rows: readonly T[], headers: boolean): Shown {
  const cells = rows.map((row) => printableLine(column.cell(row)) || '<none>');
  if (headers) cells.unshift(column.header);
  // One by one: as arguments of a call, thousands of rows are too many.
  const widest = cells.reduce((most, cell) => Math.max(most, width(cell)), 0);
  return {
    cells,
    width: widest,
    spare: column.spare ?? Number.POSITIVE_INFINITY,
    mayBeCut: column.mayBeCut === true,
  };
}

/** What fits: spare columns are left out while it does not with words that can still be read, then those are cut, the last first. */
function fitTo(shown: readonly Shown[], room: number, gap: number): Shown[] {
  let left = [...shown];
  const legible = (): Shown[] =>
    left.map((each) => (each.mayBeCut ? { ...each, width: Math.min(each.width, LEGIBLE) } : each));
  while (totalWidth(legible(), gap) > room) {
    const least = left.reduce((one, other) => (other.spare < one.spare ? other : one));
    if (least.spare === Number.POSITIVE_INFINITY) break;
    left = left.filter((each) => each !== least);
  }
  for (const [index, each] of [...left.entries()].reverse()) {
    const excess = totalWidth(left, gap) - room;
    if (!each.mayBeCut || excess <= 0) continue;
    const width = Math.max(each.width - excess, Math.min(each.width, each.cells[0]?.length ?? 0, LEGIBLE));
    left[index] = { ...each, width, cells: each.cells.map((cell) => cutTo(cell, width)) };
  }
  return left;
}

function totalWidth(shown: readonly Shown[], gap: number): number {
  return shown.reduce((sum, each) => sum + each.width + gap, -gap);
}

function formatLine(shown: readonly Shown[], row: number, gap: number): string {
  const padded = shown.map(({ cells, width: most }) => {
    const cell = cells[row] ?? '';
    return cell + ' '.repeat(most - width(cell));
  });
  return padded.join(' '.repeat(gap)).trimEnd();
}

/** Characters, not UTF-16 units. */
function width(cell = ''): number {
  return isPlain(cell) ? cell.length : [...cell].length;
}
