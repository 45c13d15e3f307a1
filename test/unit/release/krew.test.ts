import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { krewManifest, writeKrewIndex } from '../../../scripts/release/krew.ts';
import { assertGolden } from '../golden.ts';
import { SOME_ARCHIVES } from './some-archives.ts';

const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-krew-index-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('the krew manifest names an archive, a digest and a program for each platform', () => {
  assertGolden('release/krew.yaml', krewManifest(SOME_ARCHIVES));
});

test('digests stay text, whatever YAML would take their digits for', () => {
  for (const sha256 of ['1'.repeat(64), `${'1'.repeat(30)}e${'5'.repeat(33)}`, `0x${'1'.repeat(62)}`]) {
    const manifest = krewManifest([{ ...SOME_ARCHIVES[0]!, sha256 }]);
    const { spec } = parse(manifest, { version: '1.1' }) as { spec: { platforms: { sha256: string }[] } };
    assert.equal(spec.platforms[0]?.sha256, sha256);
  }
});

test('a krew index is the same repository whenever it is written, and a newer manifest is a commit upon it', () => {
  const first = krewManifest(SOME_ARCHIVES);
  const second = first.replace('version: v0.1.0', 'version: v0.2.0');
  const made = ['one', 'other'].map((name) => {
    const index = join(folder, name);
    for (const manifest of [first, first, second]) writeKrewIndex(index, manifest);
    return index;
  });
  const [one, other] = made.map(filesIn);
  assert.deepEqual(one, other);
  const git = (...args: string[]) => execFileSync('git', ['-C', made[0]!, ...args], { encoding: 'utf8' });
  assert.equal(git('log', '--format=%s'), 'memcached-backup v0.2.0\nmemcached-backup v0.1.0\n');
  assert.equal(git('show', 'HEAD:plugins/memcached-backup.yaml'), second);
  assert.equal(git('status', '--porcelain'), '');
});

/** Contents by path, those of Git among them. */
function filesIn(root: string): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return new Map(paths.map((path) => [path.slice(root.length), readFileSync(path, 'latin1')]));
}
