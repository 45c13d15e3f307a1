import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseYamlAsText } from '../../../../src/kube/kubeconfig-yaml.ts';
import { readJsonAsText } from '../../../../src/model/json/plain-json.ts';
import { readPlainYaml } from '../../../../src/model/json/plain-yaml.ts';
import { readPlainStream } from '../../../../src/model/json/plain-yaml-stream.ts';
import { valueOfDocument, yamlDocuments } from '../../../../src/model/json/yaml.ts';

const LIMITS = { characters: 10_000, depth: 20 };

const readPlain = (text: string): { value: unknown } | undefined =>
  readPlainYaml(text, LIMITS, (scalar) => scalar);

/** What is read is what `yaml` reads. @returns whether it was read. */
function agrees(text: string, read: (text: string) => { value: unknown } | undefined): boolean {
  const found = read(text);
  if (found !== undefined) assert.deepEqual(found, parseYamlAsText(text), JSON.stringify(text));
  return found !== undefined;
}

const KEYS = ['a', 'b', 'name', 'c-d/e.f', 'null', '__proto__', 'toString', '1', '"q"', '? x', 'a b'];
const SCALARS = [
  ...[
    'a',
    'b c',
    '1.0',
    'true',
    '~',
    'null',
    '-',
    '--',
    '-1',
    '---',
    '...',
    ':',
    'a:b',
    'a: b',
    'a:',
    'a #b',
  ],
  ...[
    '#',
    'a#b',
    '"a"',
    '"a\\n"',
    '"\\u0041"',
    '"a" b',
    "'a'",
    "'it''s'",
    "'a' b",
    '[]',
    '{}',
    '[a]',
    '{a: b}',
  ],
  ...[
    '|',
    '|-',
    '|+',
    '|2',
    '>',
    '>-',
    '&x a',
    '*x',
    '!!str 1',
    '!t',
    '@a',
    '`a`',
    '%a',
    '?',
    '? a',
    ', a',
    '<<',
  ],
  ...[
    '- a',
    '- - a',
    '- a: b',
    'a ',
    ' a',
    '',
    '=',
    '~a',
    '.5',
    '+1',
    '/a',
    '"',
    "'",
    'é',
    '\ta',
    'a\t',
    'a\r',
  ],
];

const GOOD = [
  'a: b',
  'b: "c"',
  'name:',
  'c: |',
  'd: |-',
  'e: []',
  'f:',
  '- a',
  '- name: x',
  '- b:',
  'g',
  '# note',
  '',
];

/** Lines as YAML has them, and nearly. */
const oddLine = fc
  .tuple(
    fc.constantFrom('', '', '', '- ', '- - ', '-  ', '-'),
    fc.oneof(
      fc.tuple(
        fc.constantFrom(...KEYS),
        fc.constantFrom(': ', ':', ':  ', ' : '),
        fc.constantFrom(...SCALARS),
      ),
      fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(':', ': ')),
      fc.tuple(fc.constantFrom(...SCALARS)),
      fc.constantFrom(['# note'], [''], ['---'], ['...'], ['%YAML 1.2'], ['   ']),
    ),
  )
  .map(([dash, parts]) => dash + parts.join(''));

test('what is read of block style is what yaml reads, of lines as YAML has them and nearly', () => {
  const line = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...GOOD) },
    { weight: 1, arbitrary: oddLine },
  );
  const indented = fc
    .tuple(fc.constantFrom(0, 0, 0, 2, 2, 4, 1), line)
    .map(([n, text]) => ' '.repeat(n) + text);
  const texts = fc.tuple(fc.array(indented, { minLength: 1, maxLength: 8 }), fc.constantFrom('', '\n'));
  let read = 0;
  fc.assert(
    fc.property(texts, ([lines, end]) => {
      read += Number(agrees(lines.join('\n') + end, readPlain));
    }),
    { numRuns: 30_000 },
  );
  assert.ok(read > 500, `only ${read} of them were read at all`);
});

const words = fc.oneof(fc.constantFrom(...SCALARS), fc.string({ maxLength: 12 }));
const { value: trees } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    words,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'certificate-authority-data', 'x_y', '1'), tie('value'), {
      maxKeys: 3,
    }),
  ),
}));

test('and of what YAML was written from', () => {
  const styles = fc.record({
    indentSeq: fc.boolean(),
    lineWidth: fc.constant(0),
    defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const),
    indent: fc.constantFrom(2, 4),
  });
  let read = 0;
  fc.assert(
    fc.property(trees, styles, (value, style) => {
      read += Number(agrees(stringify({ root: value }, style), readPlain));
    }),
    { numRuns: 5_000 },
  );
  assert.ok(read > 1_000, `only ${read} of them were read at all`);
});

/** As {@link agrees}, of a stream, whose scalars are Go's. */
function agreesOnStream(text: string): boolean {
  const meter = { tokens: 0 };
  const found = readPlainStream(text, meter);
  if (found === undefined) return false;
  const counted = { tokens: 0 };
  const documents = [...yamlDocuments(text, counted)].filter((document) => document !== undefined);
  const values = documents.map(valueOfDocument).filter((value) => value !== null);
  assert.deepEqual(found, values, JSON.stringify(text));
  assert.ok(meter.tokens >= counted.tokens, `${counted.tokens} tokens in ${JSON.stringify(text)}`);
  return true;
}

const OF_GO = [
  'yes',
  'Off',
  'y',
  '010',
  '0x1F',
  '1_000',
  '1e3',
  '12:30',
  '-.5',
  '2026-11-30',
  '.inf',
  '5e0650',
];
const FLOWS = [
  ...[
    '[a]',
    '["a", b]',
    "[a, 'b c']",
    '[""]',
    '[a,b]',
    '[a, ]',
    '[8080, yes]',
    '[a: b]',
    '[[a]]',
    '["a" ]',
    '[ a, b ]',
  ],
  ...[
    '[sh, -c, \'x "$Y" -m\']',
    '[--x, -1]',
    '[a #b]',
    '{a: b}',
    '{ a: "b", c: -1 }',
    '{a: b, a: c}',
    '{yes: a}',
    '{a}',
    '{a: }',
  ],
  ...[
    '{a:b}',
    '{a: b,c: d}',
    '{"a": b}',
    '{a: [b]}',
    '{<<: a}',
    '{a: b} c',
    '{port: http-1}',
    '[---]',
    '[-, a]',
    '[.5, 1.x]',
  ],
];

test('what is read of a manifest is what yaml reads, as Helm does', () => {
  const scalars = fc.constantFrom(...OF_GO, ...FLOWS, 'a', '"1"', '|', "'no'");
  const line = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...GOOD) },
    { weight: 2, arbitrary: fc.constantFrom('---', '---', '# Source: a', '--- # a', '...') },
    { weight: 3, arbitrary: scalars.map((scalar) => `x: ${scalar}`) },
    { weight: 2, arbitrary: scalars.map((scalar) => `- ${scalar}`) },
    { weight: 1, arbitrary: oddLine },
  );
  const indented = fc
    .tuple(fc.constantFrom(0, 0, 0, 0, 2, 2), line)
    .map(([n, text]) => (text.startsWith('---') ? text : ' '.repeat(n) + text));
  let read = 0;
  fc.assert(
    fc.property(fc.array(indented, { minLength: 1, maxLength: 8 }), (lines) => {
      read += Number(agreesOnStream(`${lines.join('\n')}\n`));
    }),
    { numRuns: 20_000 },
  );
  assert.ok(read > 1_000, `only ${read} of them were read at all`);
});

test('and of JSON', () => {
  const values = fc.oneof(trees, fc.jsonValue());
  const edits = fc.tuple(
    fc.nat(),
    fc.constantFrom('', '', '"', ':', ',', '{', '}', '1', '\\', '\n', '#', ' '),
  );
  const renamed = fc.constantFrom('"b":', '"a":', '"__proto__":', `"${'k'.repeat(2000)}":`);
  let read = 0;
  fc.assert(
    fc.property(values, fc.constantFrom(0, 2), edits, renamed, (value, indent, [at, inserted], name) => {
      const text = JSON.stringify({ root: value }, null, indent).replaceAll('"b":', name);
      const place = at % text.length;
      const edited = inserted === '' ? text : text.slice(0, place) + inserted + text.slice(place);
      read += Number(agrees(edited, (json) => readJsonAsText(json, LIMITS)));
    }),
    { numRuns: 5_000 },
  );
  assert.ok(read > 1_000, `only ${read} of them were read at all`);
});
