import { wrapLine } from '../../src/output/wrap.ts';

/** Columns of a generated page: to be read as it is, too. */
const COLUMNS = 100;

/** Words of help that are typed, or stand in a file, and so are code. */
const CODE =
  /"(?<quoted>[\d*/ ]*\*[\d*/ ]*|(?:kubectl|warm|list|schedule) ?[^"]*)"|(?<bare>(?<![\w`])--?[a-z][\w-]*(?:=[\w-]+)?(?![\w-])|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+|[$%~][A-Z_~/.][\w/.%~-]*\w%?|\b(?:git\+)?[a-z]\w+:\/\/(?:[A-Z][\w./-]*[\w]|…)?|(?<= )[-+](?= )|\b0 2 \* \* \*)/g;

/** A sentence of help as Markdown: what is typed as code, and nothing in it that Markdown would take for its own. */
export function markdownText(text: string): string {
  let result = '';
  let at = 0;
  for (const match of text.matchAll(CODE)) {
    const { quoted, bare = '' } = match.groups ?? {};
    result += escaped(text.slice(at, match.index)) + code(quoted ?? bare);
    at = match.index + match[0].length;
  }
  return result + escaped(text.slice(at));
}

/** One paragraph or item, in lines; what follows the first one is indented by `hang`. */
export function wrapMarkdown(text: string, hang = 0): string {
  return wrapLine(text, COLUMNS, hang);
}

/** As code, whatever it holds but backticks, which nothing here does. */
export function code(text: string): string {
  return `\`${text}\``;
}

function escaped(text: string): string {
  return text.replaceAll(/[*<\\|]/g, (character) => `\\${character}`);
}
