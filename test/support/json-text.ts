import fc from 'fast-check';

/** Numbers that JavaScript would write otherwise, and plain ones. */
const numberText = fc.oneof(
  fc.constantFrom('1.0', '-0', '0.50', '1e400', '-1E-7', '1152921504606846977', '0', '11211', '-3', '2.5'),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
);
const keyText = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'a', 'name'),
  // Keys that look like array indexes would be written first, whatever their place.
  fc.string().filter((key) => !/^\d+$/.test(key)),
);

/** Texts of JSON values without white space, whose keys differ within an object. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    numberText,
    fc.constantFrom('null', 'true', 'false', '[]', '{}'),
    fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
    fc.array(tie('text'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(keyText, tie('text')), { selector: ([key]) => key, maxLength: 4 })
      .map((entries) => `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${item}`).join(',')}}`),
  ),
})).text;
