import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '../../..');

/** Every Markdown file that people read, by its path in the repository; what tests compare outputs with is none. */
export const PAGES: readonly string[] = [
  ...globSync('*.md', { cwd: REPOSITORY }),
  ...globSync('{docs,test/cluster,test/charts}/**/*.md', { cwd: REPOSITORY }),
].sort();

/** Those of the site that docs/README.md is the index of. */
export const SITE: readonly string[] = PAGES.filter((page) => page.startsWith('docs/'));

export function readPage(page: string): string {
  return readFileSync(join(REPOSITORY, page), 'utf8');
}

/** A link of a page to something in the repository. */
export interface Link {
  /** From the page's folder; empty: the page itself. */
  file: string;
  /** Of a heading, without "#"; empty: the page as a whole. */
  anchor: string;
}

/** Code aside: what looks like a link there is none. */
export function linksOf(page: string): Link[] {
  const text = readPage(page)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`(?!\])/g, '');
  return [...text.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    .map(([, file = '', anchor = '']) => ({ file, anchor }))
    .filter(({ file }) => !/^[a-z]+:/.test(file));
}
