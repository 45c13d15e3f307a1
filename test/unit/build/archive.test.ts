import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, inflateRawSync } from 'node:zlib';
import { writeArchive } from '../../../scripts/build/archive.ts';

const FILES = ['LICENSE', 'dist/tool', 'README.md'];

/** The same three files, as another machine has them: later, and with more or fewer rights for others. */
function folderOf(at: string, seconds: number, mode: number): string {
  mkdirSync(join(at, 'dist'), { recursive: true });
  for (const file of FILES) {
    const executable = file === 'dist/tool' ? 0o100 : 0;
    writeFileSync(join(at, file), `content of ${file}\n`.repeat(100), { mode: mode | executable });
    utimesSync(join(at, file), seconds, seconds);
  }
  return at;
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** The entries of a ZIP by its central directory: name → content, mode and date. */
function unzip(file: Buffer): Map<string, { content: string; mode: number; date: number }> {
  const end = file.length - 22;
  assert.equal(file.readUInt32LE(end), 0x06054b50);
  const entries = new Map<string, { content: string; mode: number; date: number }>();
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    assert.equal(file.readUInt32LE(at), 0x02014b50);
    const length = file.readUInt16LE(at + 28);
    const name = file.toString('utf8', at + 46, at + 46 + length);
    const local = file.readUInt32LE(at + 42);
    assert.equal(file.readUInt32LE(local), 0x04034b50);
    assert.deepEqual(file.subarray(local + 4, local + 30), file.subarray(at + 6, at + 32), 'headers agree');
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const content = inflateRawSync(file.subarray(start, start + file.readUInt32LE(at + 20)));
    assert.equal(content.length, file.readUInt32LE(at + 24));
    assert.equal(crc32(content), file.readUInt32LE(at + 16));
    entries.set(name, {
      content: content.toString(),
      mode: file.readUInt32LE(at + 38) >>> 16,
      date: file.readUInt32LE(at + 12),
    });
    at += 46 + length;
  }
  assert.equal(at, end);
  return entries;
}

for (const name of ['tool.tar.gz', 'tool.zip'])
  test(`${name} is the same of the same files, whenever and by whomever they were written`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'archive-test-'));
    try {
      const [first, second] = [join(folder, `1-${name}`), join(folder, `2-${name}`)];
      const digest = await writeArchive(first, folderOf(join(folder, 'a'), 1_000_000_000, 0o600), FILES);
      await writeArchive(second, folderOf(join(folder, 'b b'), 1_700_000_000, 0o644), FILES.toReversed());
      assert.equal(digest, sha256(first));
      assert.equal(sha256(second), digest);
      writeFileSync(join(folder, 'a/LICENSE'), 'other');
      assert.notEqual(await writeArchive(second, join(folder, 'a'), FILES), digest);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

test('a ZIP holds the files under their names, with what makes a program of one, and the first date there is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-test-'));
  try {
    const archive = join(folder, 'tool.zip');
    await writeArchive(archive, folderOf(join(folder, 'a'), 1_000_000_000, 0o600), FILES);
    const entries = unzip(readFileSync(archive));
    assert.deepEqual([...entries.keys()], ['LICENSE', 'README.md', 'dist/tool']);
    for (const [name, { content, mode, date }] of entries) {
      assert.equal(content, `content of ${name}\n`.repeat(100));
      assert.equal(mode, name === 'dist/tool' ? 0o100755 : 0o100644);
      assert.equal(date, 0x00210000, '1980-01-01 00:00');
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a compressed tar holds no date, not even of gzip', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-test-'));
  try {
    const archive = join(folder, 'tool.tar.gz');
    await writeArchive(archive, folderOf(join(folder, 'a'), 1_000_000_000, 0o600), FILES);
    assert.equal(readFileSync(archive).readUInt32LE(4), 0, 'MTIME (RFC 1952)');
    const listed = execFileSync('tar', ['-tvzf', archive, '--numeric-owner', '--utc', '--full-time'], {
      encoding: 'utf8',
    });
    assert.match(listed, /^-rwxr-xr-x 0\/0 +\d+ 1970-01-01 00:00:00 dist\/tool$/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
