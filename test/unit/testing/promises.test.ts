import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMet, readPromises, unproved } from '../../../scripts/testing/promises.ts';
import { type TestResult, testFiles } from '../../../scripts/testing/run-tests.ts';
import { namesIn, namesOf, textsOf } from '../../support/test-names.ts';

const LIST = `
It undoes what it does.:
  - e2e/undo.test.ts
  - e2e/cut-off.test.ts: is cut off
It keeps secrets.:
  - unit/secrets.test.ts
`;

const PASSED: TestResult[] = [
  { file: 'test/e2e/undo.test.ts', name: 'undo > after an upgrade', outcome: 'passed', ms: 1 },
  { file: 'test/e2e/undo.test.ts', name: 'undo > after a deletion', outcome: 'passed', ms: 1 },
  { file: 'test/e2e/cut-off.test.ts', name: 'a restore that is cut off > helm3', outcome: 'passed', ms: 1 },
  { file: 'test/e2e/cut-off.test.ts', name: 'the harness', outcome: 'passed', ms: 1 },
  { file: 'test/unit/secrets.test.ts', name: 'a secret is masked', outcome: 'passed', ms: 1 },
];

describe('what is not proved', () => {
  const whyOf = (results: readonly TestResult[]) =>
    unproved(readPromises(LIST), results).map(({ promise, why, isLost }) => [promise, why, isLost]);
  const with_ = (name: string, outcome: TestResult['outcome']) =>
    PASSED.map((each) => (each.name === name ? { ...each, outcome } : each));
  const without = (...names: string[]) => PASSED.filter(({ name }) => !names.includes(name));

  test('is nothing where every test that is named passed', () => {
    assert.deepEqual(whyOf(PASSED), []);
  });

  test('is a promise of whose tests one failed', () => {
    assert.deepEqual(whyOf(with_('undo > after a deletion', 'failed')), [
      ['It undoes what it does.', ['test/e2e/undo.test.ts: 1 failed'], true],
    ]);
  });

  test('is not one beside whose tests, in the same file, another failed', () => {
    assert.deepEqual(whyOf(with_('the harness', 'failed')), []);
  });

  test('is one whose test ran under no such name, be it that its suite has another', () => {
    const lost = [
      ['It undoes what it does.', ['test/e2e/cut-off.test.ts: is cut off: no such test ran'], true],
    ];
    assert.deepEqual(whyOf(without('a restore that is cut off > helm3')), lost);
  });

  test('is one whose file did not run', () => {
    assert.deepEqual(whyOf(without('a secret is masked')), [
      ['It keeps secrets.', ['test/unit/secrets.test.ts: no such test ran'], true],
    ]);
  });

  test('is not lost where its tests were skipped: one by one, by suite or by file', () => {
    const skipped = (what: string) => [['It undoes what it does.', [`test/e2e/${what}: skipped`], false]];
    assert.deepEqual(
      whyOf(with_('a restore that is cut off > helm3', 'skipped')),
      skipped('cut-off.test.ts: is cut off'),
    );
    const file = 'test/e2e/cut-off.test.ts';
    const whole: TestResult = { file, name: file, outcome: 'skipped', ms: 0 };
    assert.deepEqual(
      whyOf([...without('a restore that is cut off > helm3', 'the harness'), whole]),
      skipped('cut-off.test.ts: is cut off'),
    );
    assert.deepEqual(whyOf(with_('undo > after an upgrade', 'skipped')), []);
  });

  test('names everything that is wanting to a promise', () => {
    const [[, why] = []] = whyOf([]);
    assert.deepEqual(why, [
      'test/e2e/undo.test.ts: no such test ran',
      'test/e2e/cut-off.test.ts: is cut off: no such test ran',
    ]);
  });
});

for (const [what, text, says] of [
  ['is no mapping', '- a', /is no mapping/],
  ['is empty', '{}', /promises nothing/],
  ['names no test', 'It works.: []', /no test is named for: It works\./],
  ['names a test by nothing', 'It works.:\n  - e2e/a.test.ts: ""', /for: It works\./],
  ['names two in one', 'It works.:\n  - {a.test.ts: x, b.test.ts: y}', /for: It works\./],
  ['says one thing twice', 'It works.: [a.test.ts]\nIt works.: [b.test.ts]', /unique/],
] as const)
  test(`a list that ${what} is refused`, () => {
    assert.throws(() => readPromises(text), says);
  });

describe('names of tests are read off their source', () => {
  const source = [
    "describe('undo', { concurrency: true }, () => {",
    "  describe('after an upgrade', () => {",
    `    for (const binary of helms) test(\`is exact (\${binary.name})\`, async (t) => {`,
    "      await t.test('a step', () => {});",
    '    });',
    '  });',
    "  test('it\\'s over', () => {});",
    '});',
    'test(',
    "  'on two lines', () => {},",
    ');',
  ].join('\n');

  test('with those of the suites around them, and a gap for what a template fills in', () => {
    assert.deepEqual(namesIn(source), [
      'undo > after an upgrade > is exact (\u0000)',
      "undo > it's over",
      'on two lines',
    ]);
  });

  test('and the texts that they are made of from what a test file imports, too', () => {
    const texts = textsOf('test/e2e/doctor/access.test.ts');
    assert.ok(texts.has('a token that the server does not know'), 'a name in a table of faults');
    assert.ok(texts.has('doctor finds each fault: \u0000'), 'the suite that runs them');
    assert.ok(!texts.has('an image that does not exist'), 'a fault of another area');
    const filled = textsOf('test/property/restore/api-faults.slow.test.ts');
    assert.ok(filled.has('is waited for'), 'a text inside what a template fills in');
  });
});

describe('test/promises.yaml', () => {
  const references = readPromises().flatMap(({ tests }) => tests);
  const files = testFiles(['test'], []);
  const endToEnd = testFiles(['test/e2e', 'test/package', 'test/cluster'], []);

  test('names test files that exist', () => {
    const unknown = references.map(({ file }) => file).filter((file) => !files.includes(file));
    assert.deepEqual(unknown, []);
  });

  test('names tests by words that stand in their source', () => {
    const known = Map.groupBy(
      references.filter(({ file }) => files.includes(file)),
      ({ file }) => file,
    );
    const unknown = [...known].flatMap(([file, ofFile]) => {
      const texts = [...textsOf(file)];
      const isText = (part: string) => texts.some((text) => text.includes(part));
      return ofFile.filter(({ name = '' }) => !name.split(' > ').every(isText));
    });
    assert.deepEqual(unknown, [], 'renamed or merged? Then these lines want the new names');
  });

  test('has a promise for each end-to-end test', () => {
    const unnamed = endToEnd.filter((file) => !references.some((reference) => reference.file === file));
    assert.deepEqual(unnamed, [], 'files');
    const alone = endToEnd.flatMap((file) =>
      namesOf(file)
        .filter((name) => !references.some((reference) => isMet(reference, { file, name })))
        .map((name) => `${file}: ${name}`),
    );
    assert.deepEqual(alone, [], 'tests');
  });
});
