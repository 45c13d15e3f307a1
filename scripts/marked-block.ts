import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Puts generated Markdown between `<!-- NAME:begin -->` and `<!-- NAME:end -->` of a file; appends both
 * markers where they are missing.
 */
export function writeMarkedBlock(file: string, name: string, markdown: string): void {
  const [beginMark, endMark] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const text = readFileSync(file, 'utf8');
  const block = `${beginMark}\n${markdown.trim()}\n${endMark}`;
  const begin = text.indexOf(beginMark);
  const end = text.indexOf(endMark, begin);
  const next =
    begin < 0 || end < 0
      ? `${text.trimEnd()}\n\n${block}\n`
      : text.slice(0, begin) + block + text.slice(end + endMark.length);
  writeFileSync(file, next);
}
