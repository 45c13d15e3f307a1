import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { linksOf, PAGES, REPOSITORY, readPage, SITE } from './pages.ts';

/** Where the link leads, from the top of the repository. */
function targetOf(page: string, file: string): string {
  return file === '' ? page : normalize(join(dirname(page), file));
}

test('links of every page lead somewhere, to headings too', () => {
  const broken: string[] = [];
  let count = 0;
  for (const page of PAGES) {
    for (const { file, anchor } of linksOf(page)) {
      count++;
      const target = targetOf(page, file);
      const exists = existsSync(join(REPOSITORY, target));
      const isThere = exists && (anchor === '' || anchorsOf(readPage(target)).has(anchor));
      if (!isThere) broken.push(`${page}: ${file}${anchor === '' ? '' : `#${anchor}`}`);
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(count > 300, `${count}`);
});

test('every page of the documentation is reached from its index', () => {
  const reached = new Set(['docs/README.md']);
  for (const page of reached) {
    for (const { file } of linksOf(page)) {
      const target = targetOf(page, file);
      if (SITE.includes(target)) reached.add(target);
    }
  }
  assert.deepEqual(
    SITE.filter((page) => !reached.has(page)),
    [],
  );
});

test('every page of the documentation says at its top whom it is for', () => {
  for (const page of SITE) assert.match(readPage(page), /^# .+\n\n\*For [^*]+\*/, page);
});

/** As GitHub makes them of headings: one that is there already gets a number. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    let free = anchor;
    for (let number = 1; anchors.has(free); number++) free = `${anchor}-${number}`;
    anchors.add(free);
  }
  return anchors;
}
