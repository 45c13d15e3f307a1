import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import { type ArchivedBackup, packArchive, unpackArchive } from '../../../../src/store/format/archive.ts';
import { openBackup } from '../../../../src/store/format/backup-reader.ts';
import { Damage } from '../../../../src/store/format/damage.ts';
import { MemoryFiles } from '../../../../src/store/format/memory-files.ts';
import { ADDRESS, SAMPLE_FILES, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const AT = new Date('2026-11-22T10:15:00.123Z');
const ROOT = '3f6c2a10/shop/cart/20261122T101500Z';

function backupOf(files: Record<string, string>): ArchivedBackup {
  const entries = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
  return { address: ADDRESS, files: new Map(entries) };
}

async function packedBy(entries: TarEntry[]): Promise<Buffer> {
  return gzipSync(await packTar(entries));
}

function fileEntry(name: string, body = 'x'): TarEntry {
  return { header: { name, size: body.length }, body };
}

test('what is packed is unpacked, byte for byte', async () => {
  const long = `helm/chart/${'d'.repeat(120)}/${'f'.repeat(200)}.yaml`;
  const backup = backupOf({ 'backup.json': '{}', [long]: 'long', 'raw/ä–空.json': 'ünï', empty: '' });
  const { address, files } = await unpackArchive(await packArchive(backup, AT));
  assert.deepEqual(address, ADDRESS);
  const texts = (map: ArchivedBackup['files']): unknown =>
    Object.fromEntries([...map].map(([path, data]) => [path, Buffer.from(data).toString()]));
  assert.deepEqual(texts(files), texts(backup.files));
});

test('the same backup gives the same bytes, in whatever order its files come', async () => {
  const files = Object.entries({ ...SAMPLE_FILES, 'backup.json': '{}' });
  const packed = await packArchive(backupOf(Object.fromEntries(files)), AT);
  const again = await packArchive(backupOf(Object.fromEntries(files.reverse())), AT);
  assert.deepEqual(packed, again);
  // RFC 1952: no name, no comment, no time, no operating system.
  assert.deepEqual([...packed.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
});

test('tar unpacks it into a folder store, private, of the moment of the backup', async (t) => {
  const [from, to] = [await temporaryFolder(t), await temporaryFolder(t)];
  const { location } = await writeSample(new FolderStore(from));
  const paths = [...Object.keys(SAMPLE_FILES), 'backup.json', 'backup.json.sha256'];
  const files = new Map(paths.map((path) => [path, readFileSync(join(location, path))]));
  writeFileSync(join(to, 'x.tar.gz'), await packArchive({ address: ADDRESS, files }, AT));
  await mkdir(join(to, 'store'));
  execFileSync('tar', ['-xpzf', join(to, 'x.tar.gz'), '-C', join(to, 'store')]);
  const [listed] = await new FolderStore(join(to, 'store')).list({});
  assert.equal(listed?.damage, undefined);
  assert.deepEqual(listed?.address, ADDRESS);
  assert.equal(lstatSync(join(to, 'store', ROOT)).mode & 0o777, 0o700);
  const document = lstatSync(join(to, 'store', ROOT, 'backup.json'));
  assert.equal(document.mode & 0o777, 0o600);
  assert.equal(document.mtime.toISOString(), '2026-11-22T10:15:00.000Z');
});

test('a backup is read from its archive as from a folder', async (t) => {
  const { location } = await writeSample(new FolderStore(await temporaryFolder(t)));
  const paths = [...Object.keys(SAMPLE_FILES), 'backup.json', 'backup.json.sha256'];
  const files = new Map(paths.map((path) => [path, readFileSync(join(location, path))]));
  const unpacked = await unpackArchive(await packArchive({ address: ADDRESS, files }, AT));
  const memory = new MemoryFiles(unpacked.files, async () => {});
  const reader = await openBackup({ files: memory, location: 'x.tar.gz', next: '' }, unpacked.address);
  assert.equal((await reader.read('helm/values.yaml')).toString(), SAMPLE_FILES['helm/values.yaml']);
  assert.deepEqual(await reader.irregularities(), []);
  await assert.rejects(memory.read('settings.json', 3), /has 12 bytes, at most 3/);
  await assert.rejects(memory.read('settings.json', 99, 11), /has 12 bytes, backup.json says 11/);
  await assert.rejects(memory.size('x'), (error) => error instanceof Damage && error.missing);
});

describe('an archive is refused', () => {
  const refused: [string, () => Promise<Uint8Array>, RegExp][] = [
    ['that is none', async () => Buffer.from('hello'), /not compressed by gzip/],
    ['that is empty', async () => Buffer.alloc(0), /gzip|no backup\.json/],
    ['whose content is no tar', async () => gzipSync('x'.repeat(2000)), /not a tar archive/],
    ['that holds nothing', () => packedBy([]), /holds no backup\.json/],
    ['with a path upwards', () => packedBy([fileEntry(`${ROOT}/../x`)]), /outside the backup/],
    ['with an absolute path', () => packedBy([fileEntry(`/${ROOT}/x`)]), /in no folder of a backup/],
    ['with a control character', () => packedBy([fileEntry(`${ROOT}/a\nb`)]), /outside the backup/],
    ['with a file beside the backup', () => packedBy([fileEntry('x')]), /in no folder of a backup/],
    [
      'with a file twice',
      () => packedBy([fileEntry(`${ROOT}/x`), fileEntry(`${ROOT}/x`)]),
      /x is in it twice/,
    ],
    [
      'of two backups',
      () => packedBy([fileEntry(`${ROOT}/x`), fileEntry(`${ROOT}-2/y`)]),
      /files of several backups/,
    ],
    ...(['symlink', 'link', 'fifo', 'character-device'] as const).map(
      (type): [string, () => Promise<Uint8Array>, RegExp] => [
        `with a ${type}`,
        () => packedBy([{ header: { name: `${ROOT}/x`, size: 0, type, linkname: '/etc/passwd' } }]),
        /x is not a file/,
      ],
    ),
    [
      'with more entries than any backup has',
      async () => {
        const tar = await packTar([{ header: { name: 'd/', size: 0, type: 'directory' } }]);
        return gzipSync(Buffer.alloc(60_001 * 512, tar.subarray(0, 512)));
      },
      /more than 60000 entries/,
    ],
  ];
  for (const [name, make, message] of refused) {
    test(name, async () => {
      await assert.rejects(unpackArchive(await make()), (error) => {
        assert.ok(error instanceof Damage, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('that would unpack to more than memory should hold', async () => {
    // 600 MiB of nothing, in pieces that gzip joins.
    const piece = gzipSync(Buffer.alloc(60 * 1024 * 1024));
    await assert.rejects(
      unpackArchive(Buffer.concat(Array.from({ length: 10 }, () => piece))),
      /more than 536870912 bytes/,
    );
  });

  test('that was cut off anywhere', async () => {
    const packed = await packArchive(backupOf({ ...SAMPLE_FILES, 'backup.json': '{}' }), AT);
    for (let length = 0; length < packed.length; length += 7) {
      await assert.rejects(unpackArchive(packed.subarray(0, length)), Damage, `${length} bytes`);
    }
    const tar = gunzipSync(packed);
    for (let length = 1; length < tar.length - 1024; length += 700) {
      await assert.rejects(
        unpackArchive(gzipSync(tar.subarray(0, length))),
        Damage,
        `${length} bytes of tar`,
      );
    }
  });

  test('in which a byte was changed, or it holds the same', async () => {
    const packed = await packArchive(backupOf({ ...SAMPLE_FILES, 'backup.json': '{}' }), AT);
    const whole = await unpackArchive(packed);
    for (let at = 20; at < packed.length; at += 11) {
      const changed = Buffer.from(packed);
      changed[at] = changed[at]! ^ 0x10;
      const after = await unpackArchive(changed).catch((error: unknown) => error);
      // Some bits of a stream say nothing: those between its blocks.
      if (after instanceof Damage) continue;
      assert.deepEqual(after, whole, `byte ${at}`);
    }
  });
});
