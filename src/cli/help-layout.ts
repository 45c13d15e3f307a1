import { wrapLine } from '../output/wrap.ts';
import type { HelpPage, HelpSection } from './help-page.ts';

/** Words longer than this have their meaning below them, not beside. */
const WIDEST_WORDS = 31;
const GAP = 2;

/** A page as text of lines within `columns`, ending in a newline. Only a word that is longer sticks out. */
export function layOut(page: HelpPage, columns: number): string {
  const { about, usage, sections, more, examples, end } = page;
  const paragraph = (text: string): string => wrapLine(text, columns, 0);
  return `${[
    ...about.map(paragraph),
    ...(usage === undefined ? [] : [`Usage:\n  ${usage}`]),
    ...sections.map((section) => sectionText(section, columns)),
    ...(more === undefined ? [] : [paragraph(more)]),
    ...(examples.length === 0 ? [] : [examplesText(examples, columns)]),
    ...closing(page, columns),
    ...(end === undefined ? [] : [paragraph(end)]),
  ].join('\n\n')}\n`;
}

/** In as few lines as it takes: long pages are read on a terminal, too. */
function closing({ exitCodes = [], seeAlso = [] }: HelpPage, columns: number): string[] {
  const codes = exitCodes.map(([code, meaning]) => `${code} ${meaning}`).join('; ');
  const lines = [
    ...(codes === '' ? [] : [`Exit code: ${codes}.`]),
    ...(seeAlso.length === 0 ? [] : [`See also: ${seeAlso.join(', ')}`]),
  ];
  return lines.length === 0 ? [] : [lines.map((line) => wrapLine(line, columns, 2)).join('\n')];
}

function sectionText({ title, rows }: HelpSection, columns: number): string {
  const widths = rows.map(([words]) => words.length).filter((width) => width <= WIDEST_WORDS);
  const left = Math.max(0, ...widths) + 2 + GAP;
  const lines = rows.map(([words, meaning]) => {
    const head = `  ${words}`;
    if (head.length + GAP <= left) return wrapLine(head.padEnd(left) + meaning, columns, left);
    return `${head}\n${wrapLine(' '.repeat(left) + meaning, columns, left)}`;
  });
  return [paragraphOf(title, columns), ...lines].join('\n');
}

function paragraphOf(text: string, columns: number): string {
  return wrapLine(text, columns, 0);
}

function examplesText(examples: HelpPage['examples'], columns: number): string {
  const texts = examples.map(
    ({ purpose, command }) =>
      `${wrapLine(`  # ${purpose}`, columns, 4)}\n${continuedCommand(command, columns, '  ')}`,
  );
  return `Examples:\n${texts.join('\n')}`;
}

/**
 * A command that a shell takes as it stands: broken before flags and pipes, each line but the last with a backslash at its end.
 * @param indent of its first line; the others stand four columns further to the right.
 */
export function continuedCommand(command: string, columns: number, indent = ''): string {
  const pieces = command.split(/ (?=-|[|>] )/);
  const lines = [`${indent}${pieces[0]}`];
  for (const [index, piece] of pieces.slice(1).entries()) {
    const longer = `${lines.at(-1)} ${piece}`;
    // The last one needs no room for a backslash.
    const room = index === pieces.length - 2 ? columns : columns - 2;
    if (longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(`${indent}    ${piece}`);
  }
  return lines.join(' \\\n');
}
