import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/parse-command-line.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  ...readdirSync(join(REPOSITORY, 'docs'), { encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** What follows this tool's name, up to the end of the shell's command; or a command's name, in code that is part of a sentence. */
const CALL = new RegExp(
  `(?:(?:kubectl|helm) memcached-backup +|\`(?=(?:${COMMANDS.map(({ name }) => name).join('|')}) ))((?:"[^"]*"|'[^']*'|[^\`|>#;&)"'\\n])+)`,
  'g',
);

/** The command lines of this tool that a page shows, as argv; those that only hint at something (`…`) are left out. */
function callsOn(page: string): string[][] {
  const text = readFileSync(join(REPOSITORY, page), 'utf8').replaceAll(/\\\n\s*/g, '');
  return [...text.matchAll(CALL)]
    .map(([, words = '']) =>
      [...words.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replaceAll(/["']/g, '')),
    )
    .filter((argv) => !argv.some((word) => word.includes('…')));
}

test('every command that the documentation shows is one, with flags that it has', () => {
  const wrong: string[] = [];
  let count = 0;
  for (const page of PAGES) {
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
  const page = readFileSync(join(REPOSITORY, 'docs/incident.md'), 'utf8');
  const rows = [...page.matchAll(/^\| \[(\d)\. [^\]]+\]\(#[^)]+\) \| `kubectl memcached-backup (\w+) /gm)];
  const sections = [
    ...page.matchAll(/^## (\d)\. [^\n]+\n[\s\S]*?```sh\nkubectl memcached-backup (\w+) my-memcached/gm),
  ];
  const told = (found: RegExpMatchArray[]) => found.map(([, number, command]) => `${number} ${command}`);
  assert.deepEqual(told(rows), ['1 doctor', '2 restore', '3 diff', '4 restore', '5 undo']);
  assert.deepEqual(told(sections), told(rows));
});

test('links between the pages lead somewhere', () => {
  for (const page of PAGES) {
    const folder = join(REPOSITORY, page, '..');
    for (const [, file = '', anchor = ''] of read(page).matchAll(/\]\(([^)#\s:]*)(#[^)\s]+)?\)/g)) {
      const target = file === '' ? join(REPOSITORY, page) : join(folder, file);
      const text = file.endsWith('.md') || file === '' ? readFileSync(target, 'utf8') : '';
      assert.ok(existsSync(target), `${page}: ${file}`);
      if (anchor !== '') assert.ok(anchorsOf(text).has(anchor.slice(1)), `${page}: ${file}${anchor}`);
    }
  }
});

function read(page: string): string {
  return readFileSync(join(REPOSITORY, page), 'utf8');
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

test('the documentation names every flag', () => {
  const text = PAGES.map(read).join('\n');
  // By their letters alone; and what the tool calls itself with, in a pod.
  const others = new Set(['all-namespaces', 'selector', 'folder', 'port', 'token-sha256']);
  const unnamed = COMMANDS.flatMap(({ name, flags }) =>
    flags
      .filter((flag) => !others.has(flag.name) && !text.includes(`--${flag.name}`))
      .map((flag) => `${name} --${flag.name}`),
  );
  assert.deepEqual(unnamed, []);
});
