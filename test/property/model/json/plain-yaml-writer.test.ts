import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Json, parseJson } from '../../../../src/model/json/json.ts';
import { writePlainYaml } from '../../../../src/model/json/plain-yaml-writer.ts';
import { toAnyYaml } from '../../../../src/model/json/yaml.ts';

/** Pieces that mean something to YAML, among ordinary ones. */
const PIECES = [
  ...[
    'a',
    'b c',
    'memcached',
    '-m',
    '64',
    '1.6',
    '0x1',
    '0o7',
    '1e3',
    '12:30',
    '2026-11-30',
    'T10:00:00Z',
    '.5',
    '+1',
    '_',
  ],
  ...[
    'yes',
    'No',
    'on',
    'off',
    'y',
    'null',
    'NULL',
    '~',
    'true',
    'False',
    '=',
    '<<',
    '.inf',
    '.NaN',
    'e5',
    '0b1',
    '0_7',
    'x',
  ],
  ...[
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\n  ',
    '\t',
    '#',
    ' #',
    ': ',
    ':',
    '-',
    '- ',
    '?',
    '? ',
    '!',
    '&',
    '*',
    '|',
    '>',
    '%',
    '@',
    '`',
  ],
  ...[
    '"',
    "'",
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    '---',
    '...',
    '--- ',
    'é',
    'Ł',
    '\u00ad',
    '\u00a0',
    '\u0085',
    '\ufeff',
    '\r',
    '\u0007',
    'x'.repeat(90),
  ],
];
const ordinary = fc.constantFrom(...PIECES.filter((piece) => /^[ -~\n]*$/.test(piece)));
const text = fc.oneof(
  fc.array(ordinary, { maxLength: 4 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: fc.constantFrom(...'0123456789_+-.:eExXoObBaAfTZ'), maxLength: 8 }),
  fc
    .array(fc.constantFrom('a: b', '', ' ', '# x', '  y', 'z ', '-m 64'), { maxLength: 5 })
    .map((lines) => lines.join('\n')),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    ...['1.0', '1152921504606846977', '1e400', '-0', '0.10', '1E2'].map((raw) => parseJson(raw)),
  ),
);
const key = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('name', 'app.kubernetes.io/name', 'a', 'b_c', 'data', 'x-y', 'memcached.conf'),
  },
  { weight: 1, arbitrary: text },
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(text, text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));

function agrees(json: Json): boolean {
  const written = writePlainYaml(json);
  if (written !== undefined) assert.equal(written, toAnyYaml(json), JSON.stringify(json));
  return written !== undefined;
}

test('what is written is what yaml writes, of a text in each place', () => {
  let written = 0;
  fc.assert(
    fc.property(text, (each) => {
      for (const json of [
        { a: each },
        [each],
        { a: [each, [each]] },
        { a: { b: each }, c: 1 },
        [{ a: each, b: each }],
      ])
        written += Number(agrees(json));
    }),
    { numRuns: 4_000 },
  );
  assert.ok(written > 5_000, `only ${written} of them were written at all`);
});

test('and of whatever JSON holds', () => {
  let written = 0;
  fc.assert(
    fc.property(value, (json) => {
      written += Number(agrees(json));
    }),
    { numRuns: 8_000 },
  );
  assert.ok(written > 500, `only ${written} of them were written at all`);
});
