import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerText, Directive, FILES, FOLDERS, NOTHING } from '../../../../src/cli/completion/candidate.ts';

const of = (...candidates: { value: string; description?: string }[]) => ({ candidates, directive: 4 });

describe('an answer as the shells read it', () => {
  test('has a candidate a line, its description after a tab, and the directive last', () => {
    const text = answerText(of({ value: 'restore', description: 'Put it back' }, { value: 'show' }), '');
    assert.equal(text, 'restore\tPut it back\nshow\n:4\n');
    assert.equal(answerText(NOTHING, 'x'), ':4\n');
    assert.equal(answerText(FILES, 'x'), ':0\n');
    assert.equal(answerText(FOLDERS, 'x'), ':16\n');
    assert.equal(
      answerText({ candidates: [], directive: Directive.noFiles | Directive.keepOrder }, ''),
      ':36\n',
    );
  });

  test('leaves out what does not begin with what is typed, and what is there twice', () => {
    assert.equal(answerText(of({ value: 'alpha' }, { value: 'beta' }, { value: 'beta' }), 'b'), 'beta\n:4\n');
  });

  test('offers no word that a shell would cut or run', () => {
    const forged = [
      'a b',
      'a\nb',
      '$(id)',
      '`id`',
      "a'b",
      'a;b',
      '',
      '\u001b[2J',
      'a\tb',
      'a"b',
      'a|b',
      'a\\b',
    ];
    assert.equal(answerText(of(...forged.map((value) => ({ value }))), ''), ':4\n');
    const usual = ['arn:aws:eks:eu-west-1:1:cluster/prod', 'kind-kind', 'ann@prod', '--yes', 'Europe/Rome'];
    assert.equal(answerText(of(...usual.map((value) => ({ value }))), ''), `${usual.join('\n')}\n:4\n`);
  });

  test('keeps descriptions on one line of 80 characters, without what a terminal acts on', () => {
    const text = answerText(
      of({ value: 'a', description: `b\u001b[31m\r\n\u202ec\td${'e'.repeat(100)}` }),
      '',
    );
    const [line = ''] = text.split('\n');
    assert.match(line, /^a\tb \[31m c de+…$/);
    assert.equal([...line.slice(2)].length, 80);
  });

  test('has 500 candidates at most', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => ({ value: `n${at}` }));
    assert.equal(answerText(of(...many), '').split('\n').length, 502);
  });
});
