import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseNotes } from '../../../scripts/release/release-notes.ts';

const CHANGELOG = `# Changes

About the format.

## Unreleased (0.3.0)

### Added
- new

## 0.2.0 (2026-11-20)

### Fixed
- mended

## [0.1.0] - 2026-11-01
- first

## 0.0.9

`;

test('are the section of the version, and no other', () => {
  assert.match(releaseNotes(CHANGELOG, '0.2.0'), /^# memcached-backup 0\.2\.0\n\n### Fixed\n- mended\n/);
  assert.match(releaseNotes(CHANGELOG, '0.1.0'), /\n- first\n/);
  for (const other of ['new', 'first', 'About']) assert.ok(!releaseNotes(CHANGELOG, '0.2.0').includes(other));
});

test('are what is unreleased, where that is the version', () => {
  assert.match(releaseNotes(CHANGELOG, '0.3.0'), /### Added\n- new\n/);
});

test('say how to verify what was downloaded', () => {
  assert.match(releaseNotes(CHANGELOG, '0.2.0'), /^ {4}sha256sum --check --ignore-missing SHA256SUMS$/m);
});

test('a version that the changelog does not know, or says nothing of, is refused', () => {
  assert.throws(() => releaseNotes(CHANGELOG, '0.4.0'), /no section of 0\.4\.0/);
  assert.throws(() => releaseNotes(CHANGELOG, '0.2'), /no section of 0\.2/);
  assert.throws(() => releaseNotes(CHANGELOG, '0.0.9'), /says nothing of 0\.0\.9/);
});
