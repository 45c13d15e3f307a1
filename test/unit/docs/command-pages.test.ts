import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { commandPages } from '../../../scripts/docs/command-pages.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { CONNECTION_FLAGS } from '../../../src/cli/connection-flags.ts';
import { REPOSITORY, readPage } from './pages.ts';

const pages = commandPages();
const shown = COMMANDS.filter(({ hidden, isPage }) => hidden !== true && isPage !== true);

test('docs/commands is what --help is made of: npm run docs writes it', () => {
  const stale = [...pages].filter(([name, text]) => readPage(`docs/commands/${name}`) !== text);
  assert.deepEqual(
    stale.map(([name]) => name),
    [],
  );
  assert.deepEqual(readdirSync(`${REPOSITORY}/docs/commands`).sort(), [...pages.keys()].sort());
});

test('each command has a page with every flag, every example and the exit codes', () => {
  for (const { name, flags, examples, needsNoCluster } of shown) {
    const page = pages.get(`${name.replaceAll(' ', '-')}.md`) ?? '';
    for (const flag of flags.filter(({ hidden }) => hidden !== true))
      assert.match(page, new RegExp(`^- \`(?:-\\w, )?--${flag.name}[ \`[]`, 'm'), `${name} --${flag.name}`);
    assert.ok(
      examples.every(({ purpose }) => page.includes(`\n# ${purpose}\n`)),
      name,
    );
    assert.match(page, /^\| 0 \| .+\n\| 1 \| [\s\S]*^\| 130 \| /m, name);
    assert.equal(/^\| 4 \| /m.test(page), needsNoCluster !== true, name);
  }
  for (const { name, hidden } of CONNECTION_FLAGS)
    assert.equal(
      (pages.get('options.md') ?? '').includes(`--${name} `) || name.startsWith('insecure'),
      hidden !== true,
      name,
    );
});

test('a flag of several values names them all', () => {
  for (const { name, flags } of shown) {
    const page = (pages.get(`${name.replaceAll(' ', '-')}.md`) ?? '').replaceAll('\n  ', ' ');
    for (const { name: flag, choices = [] } of flags) {
      const [item = ''] = new RegExp(`^- \`(?:-\\w, )?--${flag}[ \`[].*$`, 'm').exec(page) ?? [];
      // A table is what there is without the flag; "none" is no dry run.
      const unnamed = choices.filter(
        (choice) => !/^(?:table|none|server)$/.test(choice) && !item.includes(choice),
      );
      assert.deepEqual(unnamed, [], `${name} --${flag}`);
    }
  }
});
