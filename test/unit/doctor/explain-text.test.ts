import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from '../../../src/doctor/catalogue.ts';
import { explainText } from '../../../src/doctor/explain-text.ts';
import { PLAIN_STYLE } from '../../../src/output/style.ts';

test('a code is explained to a person, without Markdown', () => {
  const text = explainText('MB543', PLAIN_STYLE);
  assert.match(
    text,
    /^MB543 A Deployment is paused \(warning\)\n\nCause: Somebody ran "kubectl rollout pause"/,
  );
  assert.match(text, /\nExplains: MB530, /);
  for (const code of CODES) assert.doesNotMatch(explainText(code, PLAIN_STYLE), /`|\*\*|^#/m, code);
  assert.match(explainText('MB461', PLAIN_STYLE), /\nWhat to do: .* "doctor --fix" does it\.\n/);
});

test('on a terminal with colour what is typed stands out by it', () => {
  const style = { ...PLAIN_STYLE, cyan: (text: string) => `<${text}>` };
  assert.match(explainText('MB543', style), /Somebody ran <kubectl rollout pause>:/);
});
