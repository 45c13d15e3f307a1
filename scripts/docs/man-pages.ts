import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../../src/cli/commands.ts';
import { continuedCommand } from '../../src/cli/help-layout.ts';
import type { HelpPage, HelpSection } from '../../src/cli/help-page.ts';
import { VERSION } from '../../src/cli/version.ts';
import { referencePages } from './reference-pages.ts';
import { roffText, typed } from './roff-text.ts';

/** As kubectl finds the plugin; man pages of what a program is called with have its words after dashes, as git's do. */
const PROGRAM = 'kubectl-memcached_backup';

/** Columns of an indented command on a usual terminal. */
const COLUMNS = 68;

/** Section 1 of the manual: each page as roff, of the macros of man(7), by the name of its file. */
export function manPages(): ReadonlyMap<string, string> {
  const pages = referencePages();
  const commands = [...pages.keys()].filter((name) => name !== '');
  return new Map([...pages].map(([name, page]) => [`${pageName(name)}.1`, manPage(name, page, commands)]));
}

function pageName(command: string): string {
  return command === '' ? PROGRAM : `${PROGRAM}-${command.replaceAll(' ', '-')}`;
}

function manPage(name: string, page: HelpPage, commands: readonly string[]): string {
  const { about, usage, sections, examples, exitCodes = [], seeAlso = [] } = page;
  const [first = '', ...rest] = about;
  const others = name === '' ? commands : [...seeAlso, ...(name === 'options' ? [''] : ['', 'options'])];
  const parts = [
    `.TH MEMCACHED\\-BACKUP 1 "${releaseDate()}" "memcached\\-backup ${VERSION}"`,
    // No hyphens that nobody typed, and no gaps: what is to be copied stands in every line.
    '.nh\n.ad l',
    `.SH NAME\n${typed(pageName(name))} \\- ${roffText(asPhrase(first))}`,
    ...(usage === undefined ? [] : [`.SH SYNOPSIS\n.nf\n${typed(usage)}\n.fi`]),
    `.SH DESCRIPTION\n${(rest.length === 0 ? [first] : rest).map(roffText).join('\n.PP\n')}`,
    ...sections.map(sectionPart),
    ...(exitCodes.length === 0
      ? []
      : [`.SH "EXIT STATUS"\n${exitCodes.map(([code, text]) => item(String(code), text)).join('\n')}`]),
    ...(examples.length === 0 ? [] : [`.SH EXAMPLES\n${examples.map(exampleText).join('\n.PP\n')}`]),
    `.SH "SEE ALSO"\n${others.map(reference).join(',\n')}`,
  ];
  return `${parts.join('\n')}\n`;
}

function sectionPart({ title, rows }: HelpSection): string {
  const heading = title === 'Flags:' ? 'OPTIONS' : title.replace(/:$/, '').toUpperCase();
  return `.SH "${roffText(heading)}"\n${rows.map(([words, meaning]) => item(words.trim(), meaning)).join('\n')}`;
}

function item(words: string, meaning: string): string {
  return `.TP\n.B ${typed(words)}\n${roffText(meaning)}`;
}

function exampleText({ purpose, command }: HelpPage['examples'][number]): string {
  return `${roffText(purpose)}:\n.PP\n.RS 4\n.nf\n${pasted(command)}\n.fi\n.RE`;
}

function pasted(command: string): string {
  return continuedCommand(command, COLUMNS).split('\n').map(typed).join('\n');
}

/** A command's page, or a page of the documentation by its path. */
function reference(target: string): string {
  const isCommand = target === '' || target === 'options' || COMMANDS.some(({ name }) => name === target);
  return isCommand || !target.startsWith('docs/') ? `.BR ${typed(pageName(target))} (1)` : typed(target);
}

/** Of this version, as CHANGELOG.md has it; empty before that. No other date would be the same in every build. */
function releaseDate(): string {
  const changes = readFileSync(join(import.meta.dirname, '../../CHANGELOG.md'), 'utf8');
  const heading = changes.split('\n').find((line) => line.startsWith('## ') && line.includes(VERSION)) ?? '';
  return /\d{4}-\d{2}-\d{2}/.exec(heading)?.[0] ?? '';
}

/** The first sentence, as it follows a name. */
function asPhrase(sentence: string): string {
  const [first = ''] = sentence.split(/\.(?: |$)/);
  return first.charAt(0).toLowerCase() + first.slice(1);
}
