import type { Style } from './io.ts';
import { printable } from './printable.ts';

/** Two texts and what they are called. */
export interface DiffedTexts {
  before: { name: string; text: string };
  after: { name: string; text: string };
}

/** Texts that differ in very many places would take minutes; no diff that anybody reads takes this long. */
const LONGEST_MS = 2_000;

/**
 * A unified diff (as `diff -u` writes it), painted, ending with a newline; an empty string where the texts are
 * equal. Both texts end with a newline. Control characters are escaped: a line is shown, never obeyed.
 */
export async function unifiedDiff({ before, after }: DiffedTexts, style: Style): Promise<string> {
  if (before.text === after.text) return '';
  // Loaded here: most commands never compare texts.
  const { structuredPatch } = await import('diff');
  const patch = structuredPatch(before.name, after.name, before.text, after.text, '', '', {
    context: 3,
    timeout: LONGEST_MS,
  });
  const head = [style.bold(`--- ${before.name}`), style.bold(`+++ ${after.name}`)];
  if (patch === undefined) return `${[...head, '(too many differences to show)'].join('\n')}\n`;
  const hunks = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    style.cyan(`@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`),
    ...lines.map((line) => paint(printable(line), style)),
  ]);
  return `${[...head, ...hunks].join('\n')}\n`;
}

/** POSIX leaves the count out where it is 1, and names the line before where it is 0. */
function range(start: number, lines: number): string {
  if (lines === 0) return `${start - 1},0`;
  return lines === 1 ? `${start}` : `${start},${lines}`;
}

function paint(line: string, style: Style): string {
  if (line.startsWith('-')) return style.red(line);
  return line.startsWith('+') ? style.green(line) : line;
}
