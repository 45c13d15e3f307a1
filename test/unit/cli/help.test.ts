import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { CONNECTION_FLAGS } from '../../../src/cli/connection-flags.ts';
import { helpFor, quickHelp } from '../../../src/cli/help-for.ts';
import { layOut } from '../../../src/cli/help-layout.ts';
import { helpPages } from '../../../src/cli/help-pages.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import { assertGolden } from '../golden.ts';

const pages = new Map([...helpPages()].map(([command, page]) => [command, layOut(page, 80)]));
const shown = COMMANDS.filter(({ hidden }) => hidden !== true);

describe('each help page is as its golden file', () => {
  for (const [command, page] of pages) {
    const name = command || 'memcached-backup';
    test(name, () => assertGolden(`help/${name.replaceAll(' ', '-')}.txt`, page));
  }
});

test('no line of help is longer than a terminal is wide, and a wider one has fewer lines', () => {
  for (const [command, page] of helpPages()) {
    for (const columns of [60, 80, 120]) {
      const long = layOut(page, columns)
        .split('\n')
        // A word that is longer, and what a shell is given, stay whole.
        .filter(
          (line) => line.length > columns && !/^ {2}(?:kubectl|helm) /.test(line) && !/^ *\S+$/.test(line),
        );
      assert.deepEqual(long, [], `${command} at ${columns}`);
    }
    const lines = (columns: number): number => layOut(page, columns).split('\n').length;
    assert.ok(lines(120) <= lines(80), command);
  }
});

test('help of a restore fits two screens of 24 lines', () => {
  assert.ok((pages.get('restore') ?? '').split('\n').length - 1 <= 48);
});

test('every flag that takes a value says which', () => {
  const all = shown.flatMap(({ name, flags }) => flags.map((flag) => ({ name, flag })));
  const lacking = all.filter(
    ({ flag }) => flag.hidden !== true && flag.type !== 'boolean' && flag.value === undefined,
  );
  assert.deepEqual(
    lacking.map(({ name, flag }) => `${name} --${flag.name}`),
    [],
  );
});

test("each flag stands on its command's page; what is only named there, on the page of options", () => {
  const options = pages.get('options') ?? '';
  for (const { name, flags } of shown) {
    const page = pages.get(name) ?? '';
    for (const flag of flags.filter(({ hidden }) => hidden !== true)) {
      const explained = new RegExp(`^ {2,6}(?:-\\w, )?--${flag.name}(?![\\w-])`, 'm');
      assert.match(flag.explainedIn === undefined ? page : options, explained, `${name} --${flag.name}`);
      assert.match(page, new RegExp(`--${flag.name}(?![\\w-])`), `${name} --${flag.name}`);
    }
  }
  for (const { name, hidden } of CONNECTION_FLAGS)
    assert.equal(options.includes(`--${name}`), hidden !== true, name);
});

test('examples that are longer than a line go on with a backslash, as a shell reads them', () => {
  const page = pages.get('schedule install') ?? '';
  const [, script = ''] = /^( {2}kubectl[^#]*)/m.exec(page.slice(page.indexOf('Examples:'))) ?? [];
  assert.ok(script.split('\n').every((line) => line.length <= 80));
  const { status, stdout } = spawnSync('sh', ['-c', `kubectl() { printf '%s|' "$@"; }\n${script}`], {
    encoding: 'utf8',
  });
  assert.deepEqual(
    [status, stdout],
    [
      0,
      'memcached-backup|schedule|install|-n|cache|--store|pvc://memcached-backups|--cron|0 2 * * *|--time-zone|Europe/Berlin|--keep-within|30d|',
    ],
  );
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
  for (const argv of [['options'], ['options', '--help']])
    assert.equal(await quickHelp(argv, {}), pages.get('options'));
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
