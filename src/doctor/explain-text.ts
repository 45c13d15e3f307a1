import type { Style } from '../output/io.ts';
import { type Code, entryOf } from './catalogue.ts';
import { SEVERITY_TEXT } from './findings-page.ts';

/** What docs/findings.md says of a code, for a terminal: words in `code` stand out there, and are in quotes elsewhere. */
export function explainText(code: Code, style: Style): string {
  const { severity, title, cause, evidence, fix, fixable, hides } = entryOf(code);
  const parts: [heading: string, text: string][] = [
    ['Cause', cause],
    ['Evidence', evidence],
    ['What to do', `${fix}${fixable === true ? ' `doctor --fix` does it.' : ''}`],
    ...(hides === undefined ? [] : [['Explains', hides.join(', ')] satisfies [string, string]]),
  ];
  const lines = parts.map(([heading, text]) => `${style.bold(`${heading}:`)} ${rendered(text, style)}`);
  return `${style.bold(`${code} ${rendered(title, style)}`)} (${SEVERITY_TEXT[severity]})\n\n${lines.join('\n')}\n`;
}

function rendered(text: string, style: Style): string {
  return text.replaceAll(/`([^`]+)`/g, (_, words: string) => {
    const painted = style.cyan(words);
    return painted === words ? `"${words}"` : painted;
  });
}
