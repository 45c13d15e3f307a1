import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeMarkedBlock } from '../../scripts/marked-block.ts';

const folder = mkdtempSync(join(tmpdir(), 'marked-block-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'page.md');

function written(before: string): string {
  writeFileSync(file, before);
  writeMarkedBlock(file, 'figures', 'new');
  return readFileSync(file, 'utf8');
}

test('only what stands between the markers of that name is replaced', () => {
  assert.equal(
    written('a\n<!-- session:end -->\n<!-- figures:begin -->\nold\n<!-- figures:end -->\nb\n'),
    'a\n<!-- session:end -->\n<!-- figures:begin -->\nnew\n<!-- figures:end -->\nb\n',
  );
});

test('missing markers are appended', () => {
  assert.equal(written('a\n'), 'a\n\n<!-- figures:begin -->\nnew\n<!-- figures:end -->\n');
});
