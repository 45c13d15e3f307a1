import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { finding } from '../../../src/doctor/catalogue.ts';
import { type FindingsTextOptions, findingsText } from '../../../src/output/findings-text.ts';
import { PLAIN_STYLE } from '../../../src/output/style.ts';

const RAW = `failed to pull image: ${'rpc error: code = Unknown desc = '.repeat(20)}end`;

function text(options: Partial<FindingsTextOptions>, summary = 'its image can not be pulled'): string {
  const found = finding('MB531', { summary, evidence: [{ text: RAW }, { text: 'another' }] });
  return findingsText([found], PLAIN_STYLE, {
    now: new Date(0),
    wide: false,
    several: false,
    spelling: PLAIN_SPELLING,
    ...options,
  });
}

test('on a terminal a raw error is cut, in a pipe and with -o wide it is whole', () => {
  assert.match(text({ columns: 80 }), /failed to pull image: .*…\n/);
  assert.ok(
    text({ columns: 80 })
      .split('\n')
      .every((line) => line.length < 3 * 80),
  );
  assert.ok(text({}).includes(RAW));
  assert.ok(text({ columns: 80, wide: true }).includes(RAW));
});

test('a raw error that the summary repeats is shown once', () => {
  const shown = text({}, `can not be pulled: ${RAW}`);
  assert.equal(shown.split(RAW).length, 2, shown);
  assert.match(shown, /another/);
});
