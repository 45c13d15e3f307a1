import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { NO_CONNECTION_FLAGS } from '../../../src/cli/connection-flags.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import { withNamespaceOf } from '../../../src/cli/qualified-words.ts';
import { UsageError } from '../../../src/errors/tool-error.ts';

const ID = '20261122T101500Z';

function meant(...argv: string[]): [words: string[], namespace: string | undefined] {
  const { command, values, words } = parseCommandLine(argv, COMMANDS, []);
  assert.ok(command !== undefined);
  const found = withNamespaceOf(command, values, { words, connection: NO_CONNECTION_FLAGS });
  return [found.words, found.connection.namespace];
}

test('what -o name prints can be piped back, on every command that takes a release', () => {
  for (const name of ['restore', 'undo', 'show', 'diff', 'verify'])
    assert.deepEqual(meant(name, `shop/cart@${ID}`), [[`cart@${ID}`], 'shop'], name);
  for (const name of ['backup', 'status', 'doctor', 'list', 'prune', 'runbook'])
    assert.deepEqual(meant(name, 'shop/cart'), [['cart'], 'shop'], name);
  assert.deepEqual(meant('export', `shop/cart@${ID}`, 'x.tgz'), [[`cart@${ID}`, 'x.tgz'], 'shop']);
  assert.deepEqual(meant('restore', 'shop/cart', '-n', 'shop'), [['cart'], 'shop']);
});

test('copy takes names of several namespaces as they are', () => {
  const names = [`shop/cart@${ID}`, `dev/cart@${ID}`];
  assert.deepEqual(meant('copy', ...names, '--to', '/x'), [names, undefined]);
});

test('a path that is there, and what is no name, stay as they are', () => {
  assert.deepEqual(meant('show', 'src/cli'), [['src/cli'], undefined]);
  assert.deepEqual(meant('show', './shop/cart'), [['./shop/cart'], undefined]);
  assert.deepEqual(meant('restore', 'cart'), [['cart'], undefined]);
});

test('another namespace than that of -n, and several, are mistakes', () => {
  assert.throws(() => meant('restore', 'shop/cart', '-n', 'dev'), UsageError);
  assert.throws(() => meant('status', 'shop/cart', 'dev/cart'), UsageError);
});
