import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finding } from '../../../src/doctor/catalogue.ts';
import { inOneLine, notesTogether } from '../../../src/doctor/together.ts';

const note = (name: string) =>
  finding('MB354', {
    summary: `${name} was never verified`,
    release: { namespace: 'cache', name },
    advice: [`verify ${name}`],
    about: [{ apiVersion: '', kind: 'Release', name }],
  });
const failure = (name: string) => finding('MB352', { summary: name });

test('three notes alike are one, with every release in it; two are two, and failures stay', () => {
  const two = [note('a'), note('b')];
  assert.deepEqual(notesTogether(two), two);
  const failures = [failure('a'), failure('b'), failure('c')];
  const [one, ...rest] = notesTogether([...two, note('c'), note('d'), ...failures]);
  assert.deepEqual(rest, failures);
  assert.equal(one?.summary, 'a was never verified, and so it is with 3 other releases');
  assert.deepEqual(
    one?.evidence.map(({ text }) => text),
    ['cache/a', 'cache/b', 'cache/c', 'cache/d'],
  );
  assert.deepEqual(one?.advice, ['verify a', 'verify b', 'verify c']);
  assert.equal(one?.about.length, 4);
  assert.equal(one?.release, undefined);
});

test('one line says all of one release, and counts several', () => {
  const count = (lines: number) => `${lines} would work`;
  assert.deepEqual(inOneLine(['a would work'], count), { summary: 'a would work' });
  assert.deepEqual(inOneLine(['a', 'b'], count), {
    summary: '2 would work',
    evidence: [{ text: 'a' }, { text: 'b' }],
  });
});
