import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256Sums } from '../../../scripts/release/checksums.ts';

test('sha256sum finds every file as it is, by path, and none of a hidden folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'checksums-test-'));
  try {
    for (const name of ['krew', 'krew-index/.git']) mkdirSync(join(folder, name), { recursive: true });
    for (const file of ['b.tar.gz', 'a.zip', 'krew/tool.yaml', 'krew-index/.git/HEAD'])
      writeFileSync(join(folder, file), file);
    const sums = sha256Sums(folder);
    assert.deepEqual(
      sums.split('\n').map((line) => line.slice(66)),
      ['a.zip', 'b.tar.gz', 'krew/tool.yaml', ''],
    );
    writeFileSync(join(folder, 'SHA256SUMS'), sums);
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: folder });
    writeFileSync(join(folder, 'a.zip'), 'other');
    assert.throws(() =>
      execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folder, stdio: 'ignore' }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
