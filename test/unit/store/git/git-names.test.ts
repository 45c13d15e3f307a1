import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import { Damage } from '../../../../src/store/format/damage.ts';
import { backupRef, readRef, verifiedRef } from '../../../../src/store/git/ref-names.ts';
import {
  backupMessage,
  readBackupMessage,
  readVerifiedMessage,
  verifiedMessage,
} from '../../../../src/store/git/tag-message.ts';
import { ADDRESS, sampleDocument } from '../sample-backup.ts';

describe('the names of tags', () => {
  for (const cluster of ['3f6c2a10', 'a..b', 'a...b', 'x.lock', 'A_b.lock', 'a.lock.b'])
    for (const path of ['', 'team/a'])
      test(`lead back to the backup, and git takes them: ${cluster} in "${path}"`, () => {
        const address = { ...ADDRESS, cluster };
        const ref = backupRef(address, path);
        execFileSync('git', ['check-ref-format', ref]);
        assert.deepEqual(readRef(ref, path), { kind: 'backup', address });
        const verified = verifiedRef(address, path, 3);
        execFileSync('git', ['check-ref-format', verified]);
        assert.deepEqual(readRef(verified, path), { kind: 'verified', address, number: 3 });
      });

  for (const ref of [
    'refs/tags/v1.0',
    'refs/heads/backup/c/n/r/20261122T101500Z',
    'refs/tags/backup/c/n/r/latest',
    'refs/tags/backup/c/n/20261122T101500Z',
    'refs/tags/backup/team/c/n/r/20261122T101500Z',
    'refs/tags/backup/c/n/r/20261122T101500Z/1',
    // A second name for a backup, which remove would not know.
    'refs/tags/backup/a%2Eb/n/r/20261122T101500Z',
    'refs/tags/verified/a%2Eb/n/r/20261122T101500Z/1',
    'refs/tags/verified/c/n/r/20261122T101500Z',
    'refs/tags/verified/c/n/r/20261122T101500Z/01',
  ])
    test(`${ref} is somebody else's`, () => assert.equal(readRef(ref, ''), undefined));
});

describe('the message of a tag', () => {
  const claims = {
    digest: 'ab'.repeat(32),
    summary: summaryOf(sampleDocument()),
    signature: '-----BEGIN SSH SIGNATURE-----\nx\n',
  };
  const message = backupMessage(ADDRESS, claims);

  test('says what a listing shows, as trailers that git reads', () => {
    assert.deepEqual(readBackupMessage(message, ADDRESS), claims);
    const trailers = execFileSync('git', ['interpret-trailers', '--parse'], {
      input: message,
      encoding: 'utf8',
    });
    assert.match(trailers, /^Release: cart\nNamespace: shop\nCluster: 3f6c2a10\nBackup: 20261122T101500Z\n/);
    assert.match(message, /^Back up shop\/cart \(20261122T101500Z\)\n\n/);
  });

  test('may be followed by a signature of git, and by nothing else', () => {
    const signed = `${message}-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n`;
    assert.deepEqual(readBackupMessage(signed, ADDRESS), claims);
    assert.throws(() => readBackupMessage(`${message}x`, ADDRESS), Damage);
  });

  test('is damaged by any change of a byte, and says nothing of another backup', () => {
    const bytes = Buffer.from(message);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
      assert.throws(() => readBackupMessage(damaged.toString(), ADDRESS), Damage, `byte ${at}`);
    }
    assert.throws(() => readBackupMessage(message, { ...ADDRESS, release: 'other' }), Damage);
    assert.throws(() => readVerifiedMessage(message, ADDRESS), Damage);
  });

  test('carries verified.json byte for byte, or takes it back', () => {
    const text = `${JSON.stringify({ at: 'x', passed: ['a\u0000b'] }, null, 2)}\n`;
    assert.equal(readVerifiedMessage(verifiedMessage(ADDRESS, text), ADDRESS), text);
    assert.equal(readVerifiedMessage(verifiedMessage(ADDRESS, undefined), ADDRESS), undefined);
  });
});
