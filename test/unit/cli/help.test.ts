import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { helpFor, quickHelp } from '../../../src/cli/help-for.ts';
import { helpPages } from '../../../src/cli/help-pages.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import { assertGolden } from '../golden.ts';

const pages = await helpPages();

describe('each help page is as its golden file', () => {
  for (const [command, page] of pages) {
    const name = command || 'memcached-backup';
    test(name, () => assertGolden(`help/${name.replaceAll(' ', '-')}.txt`, page));
  }
});

test('Helm users read Helm commands', async () => {
  const page = await helpFor('list', { HELM_PLUGIN_NAME: 'memcached-backup' });
  assert.match(page, /^ {2}helm memcached-backup list \[RELEASE\] \[flags\]$/m);
  assert.doesNotMatch(page, /kubectl memcached-backup/);
});

test('plain requests for help are answered without the parser, anything else is not', async () => {
  for (const argv of [[], ['--help'], ['-h'], ['help']])
    assert.equal(await quickHelp(argv, {}), pages.get(''));
  for (const argv of [
    ['list', '--help'],
    ['-h', 'list'],
    ['help', 'list'],
  ]) {
    assert.equal(await quickHelp(argv, {}), pages.get('list'), argv.join(' '));
  }
  for (const argv of [
    ['schedule', 'render', '--help'],
    ['help', 'schedule', 'render'],
  ]) {
    assert.equal(await quickHelp(argv, {}), pages.get('schedule render'), argv.join(' '));
  }
  assert.equal(await quickHelp(['schedule', '--help'], {}), pages.get('schedule'));
  for (const argv of [
    ['list'],
    ['nope', '--help'],
    ['list', 'a', '--help'],
    ['list', '-n'],
    ['--version'],
    ['help', '-n'],
  ]) {
    assert.equal(await quickHelp(argv, {}), undefined, argv.join(' '));
  }
});

test('no help shows what the tool calls by itself, and no word is taken for a mistyped one of it', async () => {
  assert.equal(pages.has('store-server'), false);
  assert.doesNotMatch([...pages.values()].join('\n'), /store-server/);
  assert.throws(
    () => parseCommandLine(['store-serve'], COMMANDS, []),
    (error: Error) => /unknown command "store-serve"$/.test(error.message),
  );
});
