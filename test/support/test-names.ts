import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const LITERAL = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`/g;

/** Of a template, what is filled in: it may hold literals of its own, but no braces. */
const FILLED_IN = /\$\{[^}]*\}/g;
/** Stands for it in a text: no name that people write holds it. */
const GAP = '\u0000';

/**
 * The texts in quotes from which the names of a file's tests are made: its own, and those of what it imports from
 * below test/. Lines of comment have none.
 * @param file below the project.
 */
export function textsOf(file: string): Set<string> {
  const files = new Set([file]);
  // What is added to a set while it is walked is walked, too.
  for (const each of files) for (const imported of importedBy(each)) files.add(imported);
  return new Set([...files].flatMap((each) => literalsIn(sourceOf(each)).map(textOf)));
}

function importedBy(file: string): string[] {
  return [...sourceOf(file).matchAll(/^(?:import|export|\}).* from '(\.{1,2}\/[^']+)';$/gm)]
    .map(([, path = '']) => relative(ROOT, join(ROOT, dirname(file), path)))
    .filter((path) => path.startsWith('test/'));
}

function literalsIn(source: string): string[] {
  const code = source.split('\n').filter((line) => !/^\s*(\/\/|\/?\*)/.test(line));
  return code
    .flatMap((line) => [...line.matchAll(LITERAL)])
    .flatMap(([literal]) => [
      literal,
      ...(literal.startsWith('`') ? (literal.match(FILLED_IN) ?? []).flatMap(literalsIn) : []),
    ]);
}

/**
 * The whole names of the tests of a file that have a literal for their name and stand in the file itself. What is
 * around a test is told by indentation, which the formatter sees to.
 */
export function namesOf(file: string): string[] {
  return namesIn(sourceOf(file));
}

export function namesIn(source: string): string[] {
  const call = new RegExp(`(?<![.\\w])(describe|test)\\(\\s*(${LITERAL.source})`, 'g');
  const around: { indent: number; name: string }[] = [];
  const names: string[] = [];
  for (const { 1: what, 2: literal = '', index } of source.matchAll(call)) {
    const indent = /^ */.exec(source.slice(source.lastIndexOf('\n', index) + 1))![0].length;
    while ((around.at(-1)?.indent ?? -1) >= indent) around.pop();
    const name = textOf(literal);
    if (what === 'describe') around.push({ indent, name });
    else names.push([...around.map((suite) => suite.name), name].join(' > '));
  }
  return names;
}

/** What a literal says, without its quotes and escapes. */
function textOf(literal: string): string {
  const text = literal.slice(1, -1).replace(/\\(.)/g, '$1');
  return literal.startsWith('`') ? text.replace(FILLED_IN, GAP) : text;
}

const sources = new Map<string, string>();

function sourceOf(file: string): string {
  const source = sources.get(file) ?? readFileSync(join(ROOT, file), 'utf8');
  sources.set(file, source);
  return source;
}
