import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import { PAGES, readPage } from './pages.ts';

/** What follows this tool's name, up to the end of the shell's command; or a command's name, in code that is part of a sentence. */
const CALL = new RegExp(
  `(?:(?:kubectl|helm) memcached-backup +|\`(?=(?:${COMMANDS.map(({ name }) => name).join('|')}) ))((?:"[^"]*"|'[^']*'|[^\`|>#;&)"'\\n])+)`,
  'g',
);

/** The command lines of this tool that a page shows, as argv; those that only hint at something (`…`), and lines of usage, are left out. */
function callsOn(page: string): string[][] {
  const text = readPage(page).replaceAll(/\\\n\s*/g, '');
  return [...text.matchAll(CALL)]
    .map(([, words = '']) =>
      [...words.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replaceAll(/["']/g, '')),
    )
    .filter((argv) => !argv.some((word) => word.includes('…') || word === '[flags]'));
}

test('every command that the documentation shows is one, with flags that it has', () => {
  const wrong: string[] = [];
  let count = 0;
  // What was a mistake, or was possible then, stands in the changes.
  for (const page of PAGES.filter((each) => each !== 'CHANGELOG.md')) {
    for (const argv of callsOn(page)) {
      count++;
      try {
        parseCommandLine(argv, COMMANDS, []);
      } catch (error) {
        // A sentence names a flag without its value, or without what else there has to be.
        const { message } = error as Error;
        if (!/^flag needs an argument| needs [A-Z]/.test(message))
          wrong.push(`${page}: ${argv.join(' ')}: ${message}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 120, `${count}`);
});

test('docs/incident.md has five situations and a command for each, which it shows again where it explains it', () => {
  const page = readPage('docs/incident.md');
  const rows = [...page.matchAll(/^\| \[(\d)\. [^\]]+\]\(#[^)]+\) \| `kubectl memcached-backup (\w+) /gm)];
  const sections = [
    ...page.matchAll(/^## (\d)\. [^\n]+\n[\s\S]*?```sh\nkubectl memcached-backup (\w+) my-memcached/gm),
  ];
  const told = (found: RegExpMatchArray[]) => found.map(([, number, command]) => `${number} ${command}`);
  assert.deepEqual(told(rows), ['1 doctor', '2 restore', '3 diff', '4 restore', '5 undo']);
  assert.deepEqual(told(sections), told(rows));
});

test('the documentation names every flag, beside the pages that are made of help', () => {
  const text = PAGES.filter((page) => !page.startsWith('docs/commands/'))
    .map(readPage)
    .join('\n');
  // By their letters alone; and what the tool calls itself with, in a pod.
  const others = new Set(['all-namespaces', 'selector', 'folder', 'port', 'token-sha256']);
  const unnamed = COMMANDS.flatMap(({ name, flags }) =>
    flags
      .filter((flag) => !others.has(flag.name) && !text.includes(`--${flag.name}`))
      .map((flag) => `${name} --${flag.name}`),
  );
  assert.deepEqual(unnamed, []);
});
