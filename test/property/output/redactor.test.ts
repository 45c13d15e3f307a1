import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MASK } from '../../../src/model/secrets/hide-secrets.ts';
import { Redactor, SHORTEST_SECRET } from '../../../src/output/redactor.ts';
import { secretForms } from '../../../src/output/secret-forms.ts';

/** Secrets of any characters, not made of the mask's own. */
const secret = fc
  .oneof(
    fc.string({ minLength: 6, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 6, maxLength: 20 }),
  )
  .filter((value) => value.trim().length >= 6 && !value.includes('*') && value.isWellFormed());
const text = fc.string({ unit: 'binary', maxLength: 30 });

const encoders: Record<string, (value: string) => string> = {
  plain: (value) => value,
  JSON: (value) => JSON.stringify(value).slice(1, -1),
  'JSON inside JSON': (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3),
  URL: encodeURIComponent,
  'URL form': (value) => new URLSearchParams({ v: value }).toString().slice(2),
  base64: (value) => Buffer.from(value).toString('base64'),
  base64url: (value) => Buffer.from(value).toString('base64url'),
};
for (const [name, encode] of Object.entries(encoders)) {
  test(`no secret survives in ${name}, whatever stands around it`, () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), text, text, (secrets, before, after) => {
        const redactor = new Redactor();
        redactor.add(secrets);
        const encoded = secrets.map(encode);
        const masked = redactor.redact(before + encoded.join('|') + after);
        // The mask itself can not be part of a secret here, so what is left stands between masks.
        const parts = masked.split(MASK);
        for (const form of encoded) assert.ok(!parts.some((part) => part.includes(form)), masked);
      }),
      { numRuns: 300 },
    );
  });
}

test('no secret can be decoded from base64 of a text that holds it', () => {
  fc.assert(
    fc.property(secret, text, text, (value, before, after) => {
      const redactor = new Redactor();
      redactor.add([value]);
      const masked = redactor.redact(Buffer.from(before + value + after).toString('base64'));
      assert.ok(masked.includes(MASK));
      for (const part of masked.split(MASK)) {
        for (const shift of ['', 'A', 'AA', 'AAA']) {
          assert.ok(!Buffer.from(shift + part, 'base64').includes(value));
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('text that holds no form of a secret is unchanged', () => {
  let unchanged = 0;
  fc.assert(
    fc.property(fc.array(secret, { maxLength: 4 }), fc.array(text), (secrets, parts) => {
      const redactor = new Redactor();
      redactor.add(secrets);
      const plain = parts.join('');
      const held = secrets
        .flatMap((value) => [...secretForms(value)])
        .filter((form) => form.length >= SHORTEST_SECRET);
      if (held.some((form) => plain.includes(form))) return;
      unchanged++;
      assert.equal(redactor.redact(plain), plain);
    }),
  );
  assert.ok(unchanged > 50, 'most texts hold no secret');
});

test('masking twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.array(secret, { maxLength: 5 }), text, (secrets, plain) => {
      const redactor = new Redactor();
      redactor.add(secrets);
      const once = redactor.redact(secrets.join(plain));
      assert.equal(redactor.redact(once), once);
    }),
  );
});
