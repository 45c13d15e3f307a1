import { isObject, type Json } from '../model/json/json.ts';
import { envelope, type OutputKind } from './envelope.ts';
import type { IO } from './io.ts';
import type { OutputFormat } from './output-format.ts';
import { printable } from './printable.ts';
import { type Column, formatTable } from './table.ts';

/** One result of a command, in every form that -o can ask for. */
export interface View<T> {
  /** What the data is, as it says of itself. */
  kind: OutputKind;
  /** For json and yaml: plain JSON data, stable, documented in docs/output.md; or what makes it, where that takes long. */
  data: object | (() => object);
  rows: readonly T[];
  columns: readonly Column<T>[];
  /** A row as `-o name` prints it: what the next command takes as its argument. */
  name: (row: T) => string;
}

/** Prints `view` to standard output in the format the user asked for. */
export async function print<T>(
  io: IO,
  view: View<T>,
  { output, headers }: { output: OutputFormat; headers: boolean },
): Promise<void> {
  switch (output) {
    case 'json':
      io.outText(toPrettyJson(dataOf(view)));
      break;
    case 'yaml': {
      // Loading a YAML writer takes longer than the rest of a short command.
      const { toYaml } = await import('../model/json/yaml.ts');
      io.outText(toYaml(masked(dataOf(view) as Json, io)));
      break;
    }
    case 'name':
      for (const row of view.rows) io.out(view.name(row));
      break;
    case 'table':
    case 'wide':
      io.outText(
        formatTable(view.rows, view.columns, { wide: output === 'wide', headers, columns: io.outColumns }),
      );
      break;
  }
}

function dataOf({ kind, data }: Pick<View<unknown>, 'kind' | 'data'>): object {
  return envelope(kind, typeof data === 'function' ? data() : data);
}

/** Masked before it is written: a bare `***` would be no YAML (it would name an anchor). */
function masked(value: Json, io: IO): Json {
  if (typeof value === 'string') return io.masked(value);
  if (Array.isArray(value)) return value.map((item) => masked(item, io));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      io.masked(key),
      item === undefined ? item : masked(item, io),
    ]),
  );
}

/**
 * Prints a result that is no table as data, where -o asks for that.
 * @param names what `-o name` prints, a line each.
 * @returns false where a person is to read it: the caller prints its text.
 */
export async function printData(
  io: IO,
  output: OutputFormat,
  { kind, data, names }: { kind: OutputKind; data: object; names: readonly string[] },
): Promise<boolean> {
  if (output === 'table' || output === 'wide') return false;
  const view = { kind, data, rows: names, columns: [], name: (name: string) => name };
  await print(io, view, { output, headers: true });
  return true;
}

/**
 * JSON with 2 spaces and a newline at its end. Control characters that JSON allows in strings (C1, bidi
 * marks) are written as escapes: the value stays the same and a terminal is not moved by it.
 */
export function toPrettyJson(data: unknown): string {
  return `${printable(JSON.stringify(data, null, 2))}\n`;
}
