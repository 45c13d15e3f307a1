/** Where no terminal tells its width, and what pages are written for. */
export const USUAL_COLUMNS = 80;

/** Narrower than this nothing can be read, and lines are left to the terminal. */
const FEWEST_COLUMNS = 40;

/** Spaces and the word after them, in which colour codes (ECMA-48, SGR) take no room. */
const WORD = /( *)([^ ]+)/g;
const COLOUR = /\u001b\[[\d;]*m/g;

/**
 * How many columns lines have on `stream`; undefined where it is no terminal, or one of no width (a pty that nobody sized) or too
 * narrow: nothing is wrapped there.
 */
export function columnsOf(stream: { isTTY?: boolean | undefined; columns?: number }): number | undefined {
  const { isTTY, columns } = stream;
  return isTTY === true && columns !== undefined && columns >= FEWEST_COLUMNS ? columns : undefined;
}

/**
 * One line in as many as it takes to stay within `columns`, broken at spaces alone: a longer word (a path, a URL) stays whole and
 * sticks out. The first begins as it is, the others with `hang` spaces.
 */
export function wrapLine(line: string, columns: number, hang: number): string {
  let result = '';
  let at = 0;
  for (const [, spaces = '', word = ''] of line.matchAll(WORD)) {
    const room = shownLength(word);
    const isFirst = result.trim() === '';
    if (isFirst || at + spaces.length + room <= columns) {
      result += spaces + word;
      at += spaces.length + room;
    } else {
      result += `\n${' '.repeat(hang)}${word}`;
      at = hang + room;
    }
  }
  return result;
}

/** Characters that show: neither UTF-16 units nor colour codes. */
export function shownLength(text: string): number {
  return [...text.replaceAll(COLOUR, '')].length;
}
