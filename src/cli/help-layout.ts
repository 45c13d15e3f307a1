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
    ...(end === undefined ? [] : [paragraph(end)]),
  ].join('\n\n')}\n`;
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
    ({ purpose, command }) => `${wrapLine(`  # ${purpose}`, columns, 4)}\n${continued(command, columns)}`,
  );
  return `Examples:\n${texts.join('\n')}`;
}

/** A command that a shell takes as it stands: broken before flags and pipes, each line but the last with a backslash at its end. */
function continued(command: string, columns: number): string {
  const pieces = command.split(/ (?=-|[|>] )/);
  const lines = [`  ${pieces[0]}`];
  for (const [index, piece] of pieces.slice(1).entries()) {
    const longer = `${lines.at(-1)} ${piece}`;
    // The last one needs no room for a backslash.
    const room = index === pieces.length - 2 ? columns : columns - 2;
    if (longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(`      ${piece}`);
  }
  return lines.join(' \\\n');
}
