/** Where no terminal tells its width, and what pages are written for. */
export const USUAL_COLUMNS = 80;

/** Narrower than this nothing can be read, and lines are left to the terminal. */
const FEWEST_COLUMNS = 40;

/** Text that starts farther to the right leaves too little room for what follows. */
const FARTHEST_HANG = 24;

/** Colour codes (ECMA-48, SGR), which take no room. */
const COLOUR = /\u001b\[[\d;]*m/g;

/** What this tool advises to run. */
const PROGRAM =
  /\b(?:kubectl|helm|git|aws|curl|df|ls|rm|ssh|ssh-[a-z]+|age-keygen|openssl|chmod|mkdir|grep|kubeadm|timedatectl|date|export|echo) (?=\S)/g;

/** What stands before a command, where it does not begin its line. */
const BEFORE_COMMAND = /(?:[:;] |\(|\b(?:then|or) )$/;
/** As far back as that is looked for: it is short, and the line may not be. */
const LOOK_BACK = 40;

/**
 * How many columns lines have on `stream`; undefined where it is no terminal, or one of no width (a pty that nobody sized) or too
 * narrow: nothing is wrapped there.
 */
export function columnsOf(stream: {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}): number | undefined {
  const { isTTY, columns } = stream;
  return isTTY === true && columns !== undefined && columns >= FEWEST_COLUMNS ? columns : undefined;
}

/** Each line of `text` within `columns`, the second and later pieces hanging below its text; see {@link wrapLine}. */
export function wrapText(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  const wrapped = (line: string): string =>
    shownLength(line) <= columns ? line : wrapLine(line, columns, hangOf(line));
  return text.split('\n').map(wrapped).join('\n');
}

/**
 * One line in as many as it takes to stay within `columns`, broken at spaces alone: a longer word (a path, a URL) stays whole and
 * sticks out, and so does a command, which would do something else, or nothing, pasted in two pieces; the terminal goes on with it
 * on its next row and copies it as one. The first line begins as it is, the others with `hang` spaces.
 */
export function wrapLine(line: string, columns: number, hang: number): string {
  let result = '';
  let at = 0;
  for (const { spaces, word } of pieces(line)) {
    const room = shownLength(word);
    const isFirst = at === 0;
    // Nor to a new line where that does not bring it farther to the left: after a label alone.
    if (isFirst || at + spaces.length + room <= columns || at + spaces.length <= hang) {
      result += spaces + word;
      at += spaces.length + room;
    } else {
      result += `\n${' '.repeat(hang)}${word}`;
      at = hang + room;
    }
  }
  return result;
}

/** `text` with "…" at its end where it is longer than `columns`. */
export function cutTo(text: string, columns: number): string {
  return shownLength(text) <= columns
    ? text
    : `${[...text]
        .slice(0, columns - 1)
        .join('')
        .trimEnd()}…`;
}

/** What a raw error of a server may take on a terminal; some are a page. */
const RAW_LINES = 3;

/** A text that quotes what somebody else says, with "…" at its end where it takes more than a few lines of a terminal. */
export function cutForTerminal(text: string, columns: number | undefined): string {
  return columns === undefined ? text : cutTo(text, RAW_LINES * (columns - FARTHEST_HANG / 2));
}

/** Characters that show: neither UTF-16 units nor colour codes. */
export function shownLength(text: string): number {
  return [...text.replaceAll(COLOUR, '')].length;
}

/** Words, each with the spaces before it; a command is one. Linear in the line's length, which somebody else may have chosen. */
function pieces(line: string): { spaces: string; word: string }[] {
  const command = commandIn(line);
  if (command === undefined) return words(line);
  const { start, end } = command;
  // A bracket or a quote that touches it goes with it, and so does the full stop behind it.
  const first = line.lastIndexOf(' ', start - 1) + 1;
  const after = line.indexOf(' ', end);
  const last = after < 0 ? line.length : after;
  const before = line.slice(0, first);
  const text = before.trimEnd();
  return [
    ...words(text),
    { spaces: before.slice(text.length), word: line.slice(first, last) },
    ...words(line.slice(last)),
  ];
}

/** Where a command to paste begins and ends: with its line, or with the brackets around it. */
function commandIn(line: string): { start: number; end: number } | undefined {
  const indent = line.length - line.trimStart().length;
  for (const { index } of line.matchAll(PROGRAM)) {
    const before = line.slice(Math.max(indent, index - LOOK_BACK), index).replaceAll(COLOUR, '');
    if (before !== '' && !BEFORE_COMMAND.test(before)) continue;
    const rest = line.slice(index);
    const closing = before.endsWith('(') ? rest.search(/\)[.,;]?$/) : -1;
    return { start: index, end: closing < 0 ? line.length : index + closing };
  }
  return undefined;
}

function words(text: string): { spaces: string; word: string }[] {
  // Without the spaces at the end, which belong to no word and would be tried one by one.
  return [...text.trimEnd().matchAll(/( *)([^ ]+)/g)].map(([, spaces = '', word = '']) => ({ spaces, word }));
}

/**
 * Where the second line begins: below the text where a word and two spaces or more, or the word of an advice, stand before it; else a
 * little to the right of the first.
 */
function hangOf(line: string): number {
  const shown = line.replaceAll(COLOUR, '');
  const label = /^ *(?:\S+ {2,}|(?:look|fix): )(?=\S)/.exec(shown)?.[0].length ?? Number.POSITIVE_INFINITY;
  const indent = /^ */.exec(shown)?.[0].length ?? 0;
  return label <= FARTHEST_HANG ? label : Math.min(indent, FARTHEST_HANG) + 2;
}
