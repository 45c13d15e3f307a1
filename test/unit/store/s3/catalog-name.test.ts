import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import { Damage } from '../../../../src/store/format/damage.ts';
import { type BackupEntry, entryName, readEntryName } from '../../../../src/store/s3/catalog-name.ts';
import { armored } from '../../../../src/store/ssh/signature.ts';
import { ADDRESS, sampleDocument } from '../sample-backup.ts';

const ENTRY: BackupEntry = {
  kind: 'backup',
  archive: { size: 17_000, sha256: 'a1'.repeat(32) },
  document: { size: 9_000, sha256: '0f'.repeat(32) },
  summary: summaryOf(sampleDocument()),
};
const ROOM = 900;

function nameOf(entry: BackupEntry, room = ROOM): string {
  const name = entryName(entry, ADDRESS, room);
  assert.ok(name !== undefined);
  return name;
}

test('a name says what it was made of, in characters and pieces that every server takes', () => {
  const name = nameOf(ENTRY);
  assert.ok(name.length < 450, `${name.length}`);
  assert.match(name, /^backup\.1\.[\w/-]+$/);
  assert.ok(name.split('/').every((piece) => piece.length <= 255 && piece.length > 0));
  assert.deepEqual(readEntryName(name, ADDRESS), ENTRY);
  assert.deepEqual(readEntryName(name.replaceAll('/', ''), ADDRESS), ENTRY);
});

test('a summary that does not fit is left out, and a name that does not fit at all is none', () => {
  const drift = Array.from({ length: 100 }, (_, at) => `${at * 7919} is not ${at * 104729}`);
  const long = {
    ...ENTRY,
    summary: { ...summaryOf(sampleDocument()), health: { podsReady: 1, podsWanted: 1, drift } },
  };
  const { summary: _, ...bare } = ENTRY;
  assert.deepEqual(readEntryName(nameOf(long), ADDRESS), bare);
  assert.equal(entryName(ENTRY, ADDRESS, 100), undefined);
});

test('a signature is in the name where it fits, else that there is one; what a listing shows goes last', () => {
  const signature = armored('c2lnbmVk'.repeat(38));
  const signed = { ...ENTRY, signature };
  const full = nameOf(signed);
  assert.ok(full.length < 700, `${full.length}`);
  assert.deepEqual(readEntryName(full, ADDRESS), signed);
  const short = nameOf(signed, full.length - 1);
  assert.deepEqual(readEntryName(short, ADDRESS), { ...ENTRY, signature: true });
  const { summary: _, ...bare } = ENTRY;
  assert.deepEqual(readEntryName(nameOf(signed, short.length - 1), ADDRESS), { ...bare, signature: true });
  // Of another program, in lines of another length: it would not come out as it was.
  const odd = { ...ENTRY, signature: signature.replace('c2lnbmVk', 'c2lnbmVk\n') };
  assert.deepEqual(readEntryName(nameOf(odd), ADDRESS), { ...ENTRY, signature: true });
});

test('a name of a newer version is none that is damaged', () => {
  assert.throws(
    () => readEntryName(nameOf(ENTRY).replace('backup.1.', 'backup.2.'), ADDRESS),
    (error) => error instanceof Damage && error.unreadable,
  );
});

test('a verification is named by what a listing shows of it', () => {
  const entry = {
    kind: 'verified',
    at: Date.parse('2026-11-23T08:00:00.000Z'),
    backup: '0f'.repeat(32),
    verification: { size: 700, sha256: 'b2'.repeat(32) },
    note: {
      at: '2026-11-23T08:00:00.000Z',
      tool: { name: 'memcached-backup', version: '0.1.0' },
      passed: ['structure'],
      unchecked: [],
    },
  } as const;
  const name = entryName(
    { ...entry, note: { ...entry.note, passed: [...entry.note.passed], unchecked: [] } },
    ADDRESS,
    ROOM,
  );
  assert.ok(name !== undefined);
  assert.deepEqual(readEntryName(name, ADDRESS), entry);
});

test('every character of a name counts', () => {
  const name = nameOf(ENTRY);
  for (let at = 'backup.1.'.length; at < name.length - 1; at++) {
    if (name[at] === '/') continue;
    const changed = `${name.slice(0, at)}${name[at] === 'A' ? 'B' : 'A'}${name.slice(at + 1)}`;
    assert.throws(() => readEntryName(changed, ADDRESS), Damage, `${at}`);
  }
  assert.throws(() => readEntryName(name.slice(0, -5), ADDRESS), /not as it was written/);
});

for (const part of [{ id: '20261122T101501Z' }, { release: 'x' }, { namespace: 'x' }, { cluster: 'x' }])
  test(`a name that was copied to another ${Object.keys(part).join()} is refused`, () => {
    assert.throws(() => readEntryName(nameOf(ENTRY), { ...ADDRESS, ...part }), /of another backup/);
  });

test('a later version is named, and what is no entry is passed over', () => {
  assert.throws(() => readEntryName('backup.2.AAAA', ADDRESS), /of version 2, which this tool does not know/);
  assert.equal(readEntryName('notes.txt', ADDRESS), undefined);
  assert.equal(readEntryName('backup.tar.gz', ADDRESS), undefined);
});
