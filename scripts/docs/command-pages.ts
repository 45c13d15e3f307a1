import { groupOf } from '../../src/cli/command-spec.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { continuedCommand } from '../../src/cli/help-layout.ts';
import type { HelpPage, HelpSection } from '../../src/cli/help-page.ts';
import { code, markdownText, wrapMarkdown } from './markdown-text.ts';
import { referencePages } from './reference-pages.ts';

/** Columns of commands to paste. */
const COLUMNS = 100;

/** docs/commands: the text of each page by its file's name, README.md among them. */
export function commandPages(): ReadonlyMap<string, string> {
  const pages = referencePages();
  const { '': program, ...others } = Object.fromEntries(pages);
  const files = Object.entries(others).map(([name, page]): [string, string] => [
    pageFile(name),
    pageOf(name, page),
  ]);
  return new Map([['README.md', indexPage(program!, others)], ...files]);
}

/** The file of a command's or a group's page: that of "schedule install" is schedule-install.md. */
function pageFile(name: string): string {
  return `${name.replaceAll(' ', '-')}.md`;
}

function indexPage(program: HelpPage, others: Readonly<Record<string, HelpPage>>): string {
  // A group right before its commands.
  const names = new Set(COMMANDS.flatMap((each) => [groupOf(each) ?? each.name, each.name]));
  const rows = [...names].flatMap((name) => {
    const page = others[name];
    if (page === undefined) return [];
    return [`| [${name}](${pageFile(name)}) | ${markdownText(withoutStop(page.about[0] ?? ''))} |`];
  });
  return document([
    '# Commands',
    wrapMarkdown(
      `*For whoever types them: each command with all its flags, as ${code('--help')} and the man pages say it.*`,
    ),
    ...program.about.map(paragraph),
    fence([program.usage ?? '']),
    wrapMarkdown(
      `With Helm the words after ${code('helm memcached-backup')} are the same. Which command when: [the index of the documentation](../README.md).`,
    ),
    ['| Command | |', '|---|---|', ...rows].join('\n'),
  ]);
}

function pageOf(name: string, page: HelpPage): string {
  const { about, usage, sections, examples, exitCodes = [], seeAlso = [] } = page;
  const isCommand = COMMANDS.some((each) => each.name === name && each.isPage !== true);
  return document([
    `# ${name}`,
    wrapMarkdown(`*For whoever types it: what ${code(`${name} --help`)} says, and every flag.*`),
    ...about.map(paragraph),
    ...(usage === undefined ? [] : [fence([usage])]),
    ...sections.flatMap((section) => sectionParts(section, name)),
    ...(isCommand
      ? ['It also takes [the flags of every command](options.md), those of kubectl among them.']
      : []),
    ...(examples.length === 0 ? [] : ['## Examples', examplesPart(examples)]),
    ...(exitCodes.length === 0
      ? []
      : ['## Exit codes', table(exitCodes.map(([each, text]) => [String(each), markdownText(text)]))]),
    ...(seeAlso.length === 0 ? [] : ['## See also', wrapMarkdown(seeAlso.map(linkTo).join(' · '))]),
  ]);
}

/** Flags are items of a list; the commands of a group lead to their pages. */
function sectionParts({ title, rows }: HelpSection, name: string): string[] {
  const isGroup = rows.every(([word]) => COMMANDS.some((each) => each.name === `${name} ${word}`));
  const items = rows.map(([words, meaning]) => {
    const head = isGroup ? `[${words}](${pageFile(`${name} ${words}`)})` : code(words.trim());
    return wrapMarkdown(`- ${head}: ${markdownText(meaning)}`, 2);
  });
  return [`## ${title.replace(/:$/, '')}`, items.join('\n')];
}

function examplesPart(examples: HelpPage['examples']): string {
  return fence(
    examples.flatMap(({ purpose, command }) => [`# ${purpose}`, continuedCommand(command, COLUMNS)]),
  );
}

function linkTo(target: string): string {
  if (!target.startsWith('docs/')) return `[${target}](${pageFile(target)})`;
  const path = target.slice('docs/'.length);
  return `[${path.replace(/#.*/, '')}](../${path})`;
}

function paragraph(text: string): string {
  return wrapMarkdown(markdownText(text));
}

function table(rows: readonly (readonly [string, string])[]): string {
  return ['| | |', '|---|---|', ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

function fence(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

function document(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
