import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { advice, commandsIn } from '../../../src/advice/advice.ts';
import {
  andThen,
  type Command,
  helm,
  kubectl,
  pipe,
  placeholder,
  shell,
  tool,
} from '../../../src/advice/command.ts';
import { PLAIN_SPELLING, type Spelling, spellAdvice, spellCommand } from '../../../src/advice/spell.ts';
import { words } from '../../support/words.ts';

const PROD: Spelling = {
  tool: ['helm', 'memcached-backup'],
  flags: {
    kubectl: ['--context', "it's prod"],
    helm: ['--kube-context', "it's prod"],
    'memcached-backup': ['--context', "it's prod"],
  },
};

test('each program gets the flags of the connection in its own words', () => {
  const said = (command: Command): string => spellCommand(command, PROD);
  assert.equal(said(kubectl('get', 'pods')), "kubectl --context 'it'\\''s prod' get pods");
  assert.equal(said(helm('history', 'cart')), "helm --kube-context 'it'\\''s prod' history cart");
  assert.equal(said(tool('undo', 'cart')), "helm memcached-backup --context 'it'\\''s prod' undo cart");
  assert.equal(said(shell('ls', '-ld', '/a b')), "ls -ld '/a b'");
});

test('so do commands behind a pipe, after another, and within a word', () => {
  const volume = kubectl('get', 'pv', {
    output: kubectl('get', 'pvc', 'x', '-o', 'jsonpath={.spec.volumeName}'),
  });
  const line = spellCommand(
    pipe(tool('permissions', 'backup'), andThen(kubectl('apply', '-f', '-'), volume)),
    PROD,
  );
  assert.equal(line.match(/--context 'it'\\''s prod'/g)?.length, 4, line);
});

describe('what a shell makes of it', () => {
  const echoed = (command: Command): string[] =>
    execFileSync('sh', [
      '-c',
      `for word in ${spellCommand(command, PLAIN_SPELLING)}; do printf '%s\\0' "$word"; done`,
    ])
      .toString()
      .split('\0')
      .slice(0, -1);

  test('are the words that were meant, whatever is in them', () => {
    for (const word of words(200)) assert.deepEqual(echoed(shell('x', word)), ['x', word]);
  });

  test('a placeholder is one word, and nothing is read from or written to a file', () => {
    assert.deepEqual(echoed(shell('x', placeholder('a name > b; c', 'n='))), ['x', 'n=<a name > b; c>']);
  });
});

test('advice is words and commands, and tells the commands in it', () => {
  const list = tool('list', 'cart');
  const more = advice`or ${advice`see ${list}`}, ${2} of them${undefined}`;
  assert.equal(spellAdvice(more, PLAIN_SPELLING), 'or see kubectl memcached-backup list cart, 2 of them');
  assert.deepEqual(commandsIn(more), [list]);
  assert.deepEqual(commandsIn('kubectl is prose here'), []);
});
