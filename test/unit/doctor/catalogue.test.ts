import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CODES, type Code, entryOf, isCode } from '../../../src/doctor/catalogue.ts';
import { explainCode, findingsPage } from '../../../src/doctor/findings-page.ts';
import { areaOfCode } from '../../../src/model/findings/finding.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = join(ROOT, 'docs/findings.md');

/** Source files with the codes that they make findings of. */
const made = new Map(
  globSync('src/doctor/**/*.ts', { cwd: ROOT })
    .filter((file) => !file.endsWith('codes.ts'))
    .map((file) => [file, readFileSync(join(ROOT, file), 'utf8').match(/(?<=')MB\d{3}(?=')/g) ?? []]),
);

describe('the catalogue of findings', () => {
  // With UPDATE_GOLDEN=1 the page is written instead: read its diff before you commit it.
  test('docs/findings.md is what the code says', () => {
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, findingsPage());
    assert.equal(readFileSync(PAGE, 'utf8'), findingsPage());
  });

  test('every code is in the area that its number says, and nothing makes a code that is not in it', () => {
    for (const [file, codes] of made) {
      for (const code of codes) {
        assert.ok(isCode(code), `${file} makes ${code}`);
        const [, folder] = /^src\/doctor\/(\w+)\//.exec(file) ?? [];
        if (folder !== undefined) assert.equal(areaOfCode(code), folder, `${file} makes ${code}`);
      }
    }
  });

  test('every code is made somewhere', () => {
    const all = new Set([...made.values()].flat());
    assert.deepEqual(
      CODES.filter((code) => !all.has(code)),
      [],
    );
  });

  test('every entry says cause, evidence and fix in whole sentences', () => {
    for (const code of CODES) {
      const { title, cause, evidence, fix } = entryOf(code);
      for (const text of [cause, evidence, fix]) assert.match(text, /^[A-Z“`-].*[.!)]$/s, `${code}: ${text}`);
      assert.doesNotMatch(title, /\.$/, code);
      assert.ok(explainCode(code).includes(cause));
    }
  });

  test('what explains what has no circle and names codes that exist', () => {
    const visit = (code: Code, path: Code[]): void => {
      assert.ok(!path.includes(code), [...path, code].join(' → '));
      for (const hidden of entryOf(code).hides ?? []) {
        assert.ok(isCode(hidden), `${code} hides ${hidden}`);
        visit(hidden, [...path, code]);
      }
    };
    for (const code of CODES) visit(code, []);
  });
});
