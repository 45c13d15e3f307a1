import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { documentsWithin } from '../../../../src/model/json/bounded-yaml.ts';
import { BeyondLimit, YAML_LIMITS, type YamlLimits } from '../../../../src/model/json/limits.ts';
import { parseYamlStream } from '../../../../src/model/json/yaml.ts';

function read(text: string, limits: Partial<YamlLimits> = {}, meter = { tokens: 0 }): unknown[] {
  const options = { limits: { ...YAML_LIMITS, ...limits }, meter, merge: true };
  return [...documentsWithin(text, options)]
    .filter((document) => document !== undefined)
    .map((document) => document.toJS({ maxAliasCount: -1 }));
}

const beyond = (text: string, limits: Partial<YamlLimits>, message: RegExp) =>
  assert.throws(
    () => read(text, limits),
    (error) => error instanceof BeyondLimit && message.test(error.message),
    text,
  );

/** How many tokens a text has. */
function tokensOf(text: string): number {
  const meter = { tokens: 0 };
  read(text, {}, meter);
  return meter.tokens;
}

describe('a limit of YAML', () => {
  test('is met by what is just as large, and passed by one more', () => {
    const text = '---\na: [1, 2]\n---\nb: 3\n';
    const tokens = tokensOf(text);
    assert.deepEqual(read(text, { tokens, characters: text.length }), [{ a: [1, 2] }, { b: 3 }]);
    beyond(text, { tokens: tokens - 1 }, /more than \d+ YAML tokens in 23 characters/);
    beyond(text, { characters: text.length - 1 }, /23 characters, at most 22 are read/);
  });
  test('of a document begins anew with the next one', () => {
    const one = tokensOf('a: 1\n');
    const many = 'a: 1\n---\n'.repeat(50);
    assert.equal(read(many, { documentTokens: one + 5, documentCharacters: 20 }).length, 51);
    beyond(many, { documentTokens: one - 1 }, /one document in its 450 characters has more than/);
    beyond(many, { documentCharacters: 4 }, /one document in its 450 characters has more than 4 of them/);
  });
  test('holds for several texts as one where they share a meter', () => {
    const meter = { tokens: 0 };
    read('a: 1\n', { tokens: 10 }, meter);
    assert.throws(() => read('a: 1\n', { tokens: 10 }, meter), BeyondLimit);
  });
  test('counts no text of a scalar, however much of it looks like YAML', () => {
    const dashboard = JSON.stringify({ panels: Array.from({ length: 500 }, (_, id) => ({ id, a: [1, 2] })) });
    const texts = [`a: |\n  ${dashboard}\n`, `a: '${dashboard}'\n`, `a: >-\n  ${dashboard}\n  [{,}]\n`];
    for (const text of texts) assert.ok(tokensOf(text) < 15, text.slice(0, 20));
  });
  test('of depth holds for brackets, for dashes and for indentation', () => {
    const steps = (count: number) => Array.from({ length: count }, (_, i) => `${' '.repeat(i)}a:\n`).join('');
    for (const text of ['['.repeat(600), '- '.repeat(600), steps(600), '{a: '.repeat(600), '? '.repeat(600)])
      beyond(text, {}, /nested more than 514 deep/);
    assert.equal(read(`${'- '.repeat(400)}x`).length, 1);
    assert.equal(read(steps(400)).length, 1);
  });
  test('ends the reading where it is passed: what comes after it is not looked at', () => {
    beyond('a: 1\n'.repeat(20), { tokens: 15 }, /YAML tokens/);
    beyond(`---\n[${'{},'.repeat(20)}}}}`, { tokens: 15 }, /YAML tokens/);
  });
});

describe('aliases', () => {
  /** A billion laughs: each line stands for nine of the one before it. */
  const laughs = (levels: number, use: (anchor: string) => string) =>
    [
      'a0: &a0 {x: 1}',
      ...Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} ${use(`*a${i}`)}`),
    ].join('\n');
  const nineTimes = (alias: string) => `[${Array(9).fill(alias).join(', ')}]`;
  test('stand for what their anchor holds, once and again', () => {
    assert.deepEqual(read('a: &a {x: 1}\nb: [*a, *a]\nc: {<<: *a, y: 2}\n'), [
      { a: { x: 1 }, b: [{ x: 1 }, { x: 1 }], c: { x: 1, y: 2 } },
    ]);
    assert.equal(read(laughs(4, nineTimes)).length, 1);
  });
  test('that stand for more than can be walked are refused before they are expanded', () => {
    beyond(laughs(8, nineTimes), {}, /aliases stand for more than 500000 values/);
    beyond(laughs(20, nineTimes), {}, /aliases stand for more than/);
  });
  test('that are merged are as many', () => {
    beyond(
      laughs(20, (alias) => `{<<: ${nineTimes(alias)}}`),
      {},
      /aliases stand for more than/,
    );
  });
  test('have no end where they stand inside their own anchor', () => {
    beyond('a: &a [*a]', {}, /aliases stand for more than/);
  });
  test('stand for the newest anchor of their name', () => {
    const redefined = `${laughs(6, nineTimes)}\nb: &a6 1\nc: [${Array(50).fill('*a6').join(', ')}]`;
    beyond(redefined.replace('&a6 1', '1'), { expandedNodes: 3_000_000 }, /aliases stand for more than/);
    assert.equal(read(redefined, { expandedNodes: 3_000_000 }).length, 1);
  });
  test('are so many in a document', () => {
    const text = (count: number) => `a: &a 1\nb: [${Array(count).fill('*a').join(', ')}]\n`;
    assert.equal(read(text(1000)).length, 1);
    beyond(text(1001), {}, /more than 1000 YAML aliases/);
    assert.equal(read(`${text(600)}---\n${text(600)}`).length, 2);
  });
});

test('a manifest of any number of small objects is read, up to the limits of the whole', () => {
  const manifest = Array.from(
    { length: 2000 },
    (_, i) => `---\n# Source: c/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${i}}\n`,
  ).join('');
  assert.equal(parseYamlStream(manifest).length, 2000);
});

test('a list or a map is no key, however deep: to write it out would take for ever', () => {
  for (const text of ['? '.repeat(300), '{'.repeat(300) + '}'.repeat(300), '? [a]\n: b\n'])
    assert.throws(() => read(text), { message: 'a key in it is a list or a map' });
});

test('a syntax error has its line and none of the text', () => {
  assert.throws(() => read('a: 1\nb: "secret\n'), {
    message: 'Missing closing "quote at line 3, column 1',
  });
});

test('aliases of a long text count as all of it', () => {
  const aliases = (count: number) =>
    `a: &a ${'x'.repeat(100_000)}\nb: [${Array(count).fill('*a').join(', ')}]`;
  assert.equal(read(aliases(100)).length, 1);
  beyond(aliases(200), {}, /aliases stand for more than/);
});

test('a long document lets others have their turn before it is complete', () => {
  const options = { limits: YAML_LIMITS, meter: { tokens: 0 } };
  const steps = [...documentsWithin(`a: [${'1, '.repeat(20_000)}]`, options)];
  assert.deepEqual([steps.slice(0, -1).every((step) => step === undefined), steps.length > 5], [true, true]);
});
