import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commandTable } from '../../../../src/cli/completion/command-table.ts';
import { cursorIn } from '../../../../src/cli/completion/cursor.ts';

const table = commandTable();
const at = (...line: string[]) => {
  const { command, group, words, given, typing } = cursorIn(line, table, false);
  const where =
    typing.what === 'value' ? { value: typing.text, of: typing.flag.name } : { [typing.what]: typing.text };
  return { command: command?.name, group, words, given: Object.fromEntries(given), ...where };
};
const nothing = { command: undefined, group: undefined, words: [], given: {} };

describe('where the cursor stands', () => {
  test('on the first word, on the second one of a group, on a word of a command', () => {
    assert.deepEqual(at(''), { ...nothing, word: '' });
    assert.deepEqual(at('re'), { ...nothing, word: 're' });
    assert.deepEqual(at('schedule', 'in'), {
      ...nothing,
      group: 'schedule',
      words: ['schedule'],
      word: 'in',
    });
    assert.deepEqual(at('schedule', 'install', 'c'), { ...nothing, command: 'schedule install', word: 'c' });
    assert.deepEqual(at('restore', 'al'), { ...nothing, command: 'restore', word: 'al' });
    assert.deepEqual(at('copy', 'a', 'b@1', ''), {
      ...nothing,
      command: 'copy',
      words: ['a', 'b@1'],
      word: '',
    });
    assert.deepEqual(at('help', 'res'), { ...nothing, word: 'res' });
    assert.deepEqual(at('nope', ''), { ...nothing, words: ['nope'], word: '' });
    assert.deepEqual(at(), { ...nothing, word: '' });
  });

  test('after flags, wherever they stand and however they are written', () => {
    const given = { namespace: ['ns1'], store: ['x'] };
    assert.deepEqual(at('-n', 'ns1', 'restore', '--store=x', 'my'), {
      ...nothing,
      command: 'restore',
      given,
      word: 'my',
    });
    assert.deepEqual(at('-nns1', 'restore', '--store', 'x', 'my'), {
      ...nothing,
      command: 'restore',
      given,
      word: 'my',
    });
    const listed = { 'all-namespaces': ['true'], output: ['json'] };
    assert.deepEqual(at('list', '-Aojson', ''), { ...nothing, command: 'list', given: listed, word: '' });
    assert.deepEqual(at('restore', '--dry-run', ''), {
      ...nothing,
      command: 'restore',
      given: { 'dry-run': ['true'] },
      word: '',
    });
    assert.deepEqual(at('restore', '--nope', ''), { ...nothing, command: 'restore', word: '' });
  });

  test('on a flag, and on its value in the same word or the next one', () => {
    assert.deepEqual(at('restore', '--o'), { ...nothing, command: 'restore', flag: '--o' });
    assert.deepEqual(at('restore', '-'), { ...nothing, command: 'restore', flag: '-' });
    assert.deepEqual(at('-n', ''), { ...nothing, value: '', of: 'namespace' });
    assert.deepEqual(at('list', '-o', 'js'), { ...nothing, command: 'list', value: 'js', of: 'output' });
    assert.deepEqual(at('list', '--output=js'), { ...nothing, command: 'list', value: 'js', of: 'output' });
    assert.deepEqual(at('list', '--yes='), { ...nothing, command: 'list', value: '', of: 'yes' });
  });

  test("a flag's choices are those of the command", () => {
    const { typing } = cursorIn(['alerts', '-o', ''], table, false);
    assert.ok(typing.what === 'value' && typing.flag.choices?.includes('grafana'));
  });

  test('after --, everything is a word', () => {
    assert.deepEqual(at('restore', '--', '-n'), { ...nothing, command: 'restore', word: '-n' });
    assert.deepEqual(at('restore', '--', '--yes', ''), {
      ...nothing,
      command: 'restore',
      words: ['--yes'],
      word: '',
    });
  });

  test("Helm's flags count as ours, where Helm asks", () => {
    const { given } = cursorIn(['--kube-context=c1', 'restore', ''], table, true);
    assert.deepEqual(given.get('context'), ['c1']);
  });
});
