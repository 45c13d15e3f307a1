import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import project from '../../package.json' with { type: 'json' };
import { archive, krewManifest } from '../../scripts/build/package.ts';
import { type KrewManifest, krewInstall, krewObjections } from './krew.ts';

const manifest = parse(readFileSync(krewManifest, 'utf8')) as KrewManifest;

/** The supported platforms of the krew index's CI. */
const INDEX_PAIRS = new Set([
  ...['amd64', 'arm', 'arm64', '386', 'ppc64le'].map((arch) => `linux/${arch}`),
  ...['amd64', 'arm64', '386'].flatMap((arch) => [`darwin/${arch}`, `windows/${arch}`]),
]);

test('krew accepts the manifest', () => {
  assert.deepEqual(krewObjections(manifest), []);
});

test('each rule of krew is checked', () => {
  const broken = (change: (copy: KrewManifest) => void): string[] => {
    const copy = structuredClone(manifest);
    change(copy);
    return krewObjections(copy);
  };
  const platform = (change: (platform: KrewManifest['spec']['platforms'][0]) => void) =>
    broken((copy) => copy.spec.platforms.forEach(change));
  assert.deepEqual(
    [
      ...broken((copy) => (copy.apiVersion = 'v1')),
      ...broken((copy) => (copy.kind = 'Plug')),
      ...broken((copy) => (copy.metadata.name = 'memcached backup')),
      ...broken((copy) => (copy.spec.shortDescription = 'two\nlines')),
      ...broken((copy) => (copy.spec.version = '0.1.0')),
      ...broken((copy) => (copy.spec.platforms = [])),
      ...platform((p) => (p.uri = 'archive.tar.gz')),
      ...platform((p) => (p.sha256 = p.sha256.toUpperCase().replace(/^./, 'A'))),
      ...platform((p) => (p.bin = '')),
      ...platform((p) => (p.selector = { matchLabels: { os: 'linux', libc: 'glibc' } })),
      ...platform((p) => (p.files = [])),
      ...platform((p) => (p.files = [{ from: 'LICENSE', to: './x' }])),
    ].length,
    12,
  );
});

test("the index's own rules hold: file name, supported platforms that do not overlap, a LICENSE installed", () => {
  assert.equal(basename(krewManifest), `${manifest.metadata.name}.yaml`);
  const pairs = manifest.spec.platforms.map(
    ({ selector }) => `${selector?.matchLabels?.os}/${selector?.matchLabels?.arch}`,
  );
  assert.ok(
    pairs.every((pair) => INDEX_PAIRS.has(pair)),
    pairs.join(),
  );
  assert.equal(new Set(pairs).size, pairs.length);
  for (const { files } of manifest.spec.platforms)
    assert.ok(files?.some(({ from, to }) => from === 'LICENSE' && to === '.'));
});

test('the manifest is of this version and links to the archive below the homepage', () => {
  assert.equal(manifest.spec.version, `v${project.version}`);
  assert.equal(manifest.spec.homepage, project.homepage);
  for (const { uri } of manifest.spec.platforms) {
    assert.ok(uri.startsWith(`${project.homepage}/`), uri);
    assert.equal(basename(uri), basename(archive));
  }
});

test('the archive holds plain files only, under relative names, of root and of no date', () => {
  const lines = execFileSync('tar', ['-tvzf', archive, '--numeric-owner', '--utc', '--full-time'], {
    encoding: 'utf8',
  })
    .trim()
    .split('\n');
  assert.ok(lines.length >= 6);
  for (const line of lines)
    assert.match(line, /^-rw[-x]r-[-x]r-[-x] 0\/0 +\d+ 1970-01-01 00:00:00 (?!\/|.*\.\.)\S+$/);
});

test('installed as krew does, the executable starts through the symlink on PATH', () => {
  const krewRoot = mkdtempSync(join(tmpdir(), 'memcached-backup-krew-'));
  try {
    const link = krewInstall(manifest, archive, krewRoot);
    assert.equal(basename(link), 'kubectl-memcached_backup');
    const stdout = execFileSync(link, ['--version'], { encoding: 'utf8', env: {} });
    assert.equal(stdout, `memcached-backup ${project.version}\n`);
  } finally {
    rmSync(krewRoot, { recursive: true, force: true });
  }
});
