import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { helpFor, quickHelp } from '../../../src/cli/help-for.ts';
import { helpPages } from '../../../src/cli/help-pages.ts';
import { assertGolden } from '../golden.ts';

const pages = await helpPages();

describe('each help page is as its golden file', () => {
  for (const [command, page] of pages) {
    const name = command || 'memcached-backup';
    test(name, () => assertGolden(`help/${name}.txt`, page));
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
