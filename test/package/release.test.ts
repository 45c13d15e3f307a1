import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { bundle } from '../../scripts/build/bundle.ts';
import { crossBuilt } from '../../scripts/build/cross-build.ts';
import { makeExecutable } from '../../scripts/build/executable.ts';
import { libatomicOf } from '../../scripts/build/libatomic.ts';
import { runtimeOf } from '../../scripts/build/node-runtime.ts';
import { executable } from '../../scripts/build/paths.ts';

const AARCH64_OF_ELF = 183;
const AARCH64_OF_MACHO = 0x0100000c;

describe('what a release is made of', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const { start, scripts } = await bundle();

  test('the code caches come out the same when they are made again, elsewhere: the executable is the same too', async () => {
    const again = readFileSync(await makeExecutable(folder, { start, scripts }));
    const caches = readdirSync(folder).filter((file) => file.endsWith('.cache'));
    assert.ok(caches.length >= 12);
    const built = readFileSync(executable);
    const other = caches.filter((file) => !built.includes(readFileSync(join(folder, file))));
    assert.deepEqual(other, []);
    assert.ok(again.equals(built), 'and what runs first');
    assert.ok(!built.includes(folder) && !built.includes(import.meta.dirname), 'no path of this machine');
  });

  test('the program for macOS holds ours, and the hash of each page in an ad-hoc signature at its end', async () => {
    const program = readFileSync(await crossBuilt({ os: 'darwin', arch: 'arm64' }, { start, scripts }));
    assert.equal(program.readUInt32LE(4), AARCH64_OF_MACHO);
    assert.ok(program.includes('--termination-log'));
    const signatures = commands(program).filter(({ kind }) => kind === 0x1d);
    assert.equal(signatures.length, 1);
    const [at, size] = [8, 12].map((field) => program.readUInt32LE(signatures[0]!.at + field));
    assert.equal(at! + size!, program.length);
    const directory = program.subarray(at! + program.readUInt32BE(at! + 16));
    assert.equal(directory.readUInt32BE(32), at, 'hashed up to the signature');
    const hashes = directory.readUInt32BE(16);
    for (let page = 0; page * 4096 < at!; page++) {
      const content = program.subarray(page * 4096, Math.min((page + 1) * 4096, at!));
      const expected = createHash('sha256').update(content).digest();
      const slot = hashes + 32 * page;
      assert.ok(expected.equals(directory.subarray(slot, slot + 32)), `page ${page}`);
    }
  });

  test("the program for Windows holds ours, and nobody's signature for another", async () => {
    const certificates = (program: Buffer): number =>
      program.readUInt32LE(program.readUInt32LE(0x3c) + 24 + 112 + 32);
    assert.notEqual(certificates(readFileSync(await runtimeOf('win32-x64'))), 0, "Node's own is signed");
    const program = readFileSync(await crossBuilt({ os: 'windows', arch: 'amd64' }, { start, scripts }));
    assert.equal(certificates(program), 0);
    assert.ok(program.includes('--termination-log'));
  });

  test('the library beside the program for Linux on ARM is of that processor', async () => {
    assert.equal(readFileSync(await libatomicOf('arm64')).readUInt16LE(18), AARCH64_OF_ELF);
  });
});

/** The load commands of a 64-bit Mach-O program. */
function commands(program: Buffer): { kind: number; at: number }[] {
  const all: { kind: number; at: number }[] = [];
  for (let at = 32; all.length < program.readUInt32LE(16); at += program.readUInt32LE(at + 4))
    all.push({ kind: program.readUInt32LE(at), at });
  return all;
}
