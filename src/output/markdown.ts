import { printable, printableLine } from './printable.ts';

/**
 * Pieces of Markdown (CommonMark 0.31, tables of GitHub's) for texts that somebody else wrote: whatever they hold, they stay text, and
 * end nothing that they stand in.
 */

/** What begins markup within a line; the rest of ASCII's punctuation does at the start of one alone. */
const MARKUP = /[\\`*_[\]<>&|~#]/g;

/** `text` as one line of text. */
export function markdownText(text: string): string {
  return printableLine(text)
    .replaceAll(MARKUP, '\\$&')
    .replace(/^(\s*)([-+=])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2');
}

/** `text` as a code span: names, words of a command line. */
export function markdownCode(text: string): string {
  const line = printableLine(text);
  const fence = '`'.repeat(longestRun(line) + 1);
  // One space at both ends is taken off again (section 6.1).
  const room = /^[ `]|[ `]$/.test(line) ? ' ' : '';
  return line === '' ? '' : `${fence}${room}${line}${room}${fence}`;
}

/** Lines as a block of code. */
export function markdownBlock(lines: readonly string[], language: string): string {
  const text = lines.map(printableLine).join('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}\n`;
}

/** A table; `cells` are Markdown, made by the functions above. */
export function markdownTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |\n`;
  return `${line(headers)}|${headers.map(() => ' --- |').join('')}\n${rows.map(line).join('')}`;
}

/** Text of several lines that is Markdown itself, word for word, and can't leave its quotation. */
export function markdownQuote(text: string): string {
  const lines = printable(text.replaceAll(/\r\n?/g, '\n').trimEnd()).split('\n');
  return lines.map((line) => (line === '' ? '>\n' : `> ${line}\n`)).join('');
}

/** A bar ends a cell, in a code span as well, unless a backslash stands before it. */
function inCell(cell: string): string {
  return cell.replaceAll(/\\?\|/g, '\\|');
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
