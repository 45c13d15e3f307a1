import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  matchesList,
  NoSigner,
  parseAllowedSigners,
  whyNotAllowed,
} from '../../../../src/store/sign/allowed-signers.ts';
import { NAMESPACE } from '../../../../src/store/sign/signatures.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBKNFWOgM3wRgMbAAtGVEDuyfMq3t+YEXz6GFLTjWh7O';
const NOW = new Date('2026-11-29T12:00:00Z');

test('principals, options, key and comment, with blank lines and comments between', () => {
  const file = `# who may\r\n\r\nalice@example.com,bob@example.com namespaces="file,${NAMESPACE}",valid-before="20270101Z" ${KEY} her key\n"a b" ${KEY}\n`;
  const [first, second, ...more] = parseAllowedSigners(file);
  assert.equal(more.length, 0);
  assert.equal(first?.principals, 'alice@example.com,bob@example.com');
  assert.equal(first?.namespaces, `file,${NAMESPACE}`);
  assert.equal(first?.validBefore, Date.parse('2027-01-01T00:00:00Z'));
  assert.equal(second?.principals, 'a b');
  assert.equal(second?.namespaces, undefined);
});

test('keys of kinds that sign no backup here are passed over', () => {
  assert.equal(parseAllowedSigners(`a sk-ssh-ed25519@openssh.com AAAA\nb ${KEY}\n`).length, 1);
});

describe('a line that is none is refused by its number', () => {
  const cases: Record<string, [string, RegExp]> = {
    'no key': ['alice', /^line 1: it is not "PRINCIPALS \[OPTIONS\] KEYTYPE KEY"/],
    'no principal': [KEY, /^line 1: /],
    'a certificate authority': [
      `*@example.com cert-authority ${KEY}`,
      /^line 1: it names a certificate authority/,
    ],
    'an authority among other options': [`a namespaces="x",cert-authority ${KEY}`, /certificate authority/],
    'an option that is not known': [`a narrowed="x" ${KEY}`, /^line 1: its option "narrowed" is not known/],
    'a time that is none': [`a valid-after="tomorrow" ${KEY}`, /"tomorrow" is not a time/],
    'a month that is none': [`a valid-after="20261301Z" ${KEY}`, /is not a time/],
    'a spoilt key': [`# x\na ssh-ed25519 AAAA!`, /^line 2: /],
  };
  for (const [name, [file, message]] of Object.entries(cases)) {
    test(name, () =>
      assert.throws(
        () => parseAllowedSigners(file),
        (error: unknown) => {
          assert.ok(error instanceof NoSigner);
          assert.match(error.message, message);
          return true;
        },
      ),
    );
  }
});

test('namespaces and times say what a key may sign, and when', () => {
  const cases: [string, RegExp | undefined][] = [
    ['', undefined],
    [`namespaces="${NAMESPACE}"`, undefined],
    ['namespaces="memcached-backup@*"', undefined],
    ['namespaces="file,git"', /allowed for file,git alone/],
    [`namespaces="*,!${NAMESPACE}"`, /alone/],
    ['valid-after="20261129120000Z"', undefined],
    ['valid-after="202611291201Z"', /not allowed yet/],
    ['valid-before="20261130Z"', undefined],
    ['valid-before="20261129Z"', /allowed no more/],
  ];
  for (const [options, why] of cases) {
    const [signer] = parseAllowedSigners(`a ${options} ${KEY}`.replace('  ', ' '));
    const said = whyNotAllowed(signer!, NAMESPACE, NOW);
    if (why === undefined) assert.equal(said, undefined, options);
    else assert.match(said ?? '', why, options);
  }
});

test('patterns are those of OpenSSH', () => {
  assert.ok(matchesList('a*c', 'abbc'));
  assert.ok(matchesList('a?c', 'abc'));
  assert.ok(!matchesList('a?c', 'abbc'));
  assert.ok(!matchesList('a.c', 'abc'));
  assert.ok(!matchesList('*,!abc', 'abc'));
  assert.ok(!matchesList('!x', 'abc'));
});
