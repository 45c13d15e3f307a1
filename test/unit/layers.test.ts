import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');

/** docs/architecture.md: each folder may import from rows above its own, never from its own row's others. */
const LAYERS = [
  ['advice'],
  ['errors'],
  ['model'],
  ['kube', 'memcached', 'metrics', 'output'],
  ['store'],
  ['session'],
  ['retention'],
  ['backup'],
  ['restore'],
  ['diff', 'verify', 'prune', 'copies', 'warm', 'drill', 'completion'],
  ['doctor'],
  ['permissions'],
  ['status', 'schedule', 'alerts'],
  ['runbook'],
  ['commands'],
  ['cli'],
  ['main.ts'],
];

/** Where a file outside src may be imported from src. */
const OUTSIDE: Readonly<Record<string, string>> = { 'src/cli/version.ts': 'package.json' };

/** The imports of `source`, the text of `file`, that break the rule; one sentence each. */
function violations(file: string, source: string): string[] {
  const own = layerOf(file);
  return relativeImports(source).flatMap((specifier) => {
    const target = join(file, '..', specifier);
    if (OUTSIDE[file] === target) return [];
    const layer = layerOf(target);
    const isSameFolder = folderOf(file) === folderOf(target);
    return isSameFolder || layer < own ? [] : [`${file} imports ${target}`];
  });
}

/** Static imports, re-exports, type imports and import(). */
function relativeImports(source: string): string[] {
  return [...source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(['"])(\.[^'"]*)\1/g)].map(
    (match) => match[2] ?? '',
  );
}

function folderOf(file: string): string {
  return file.split('/')[1] ?? '';
}

/** @throws Error for a folder that LAYERS does not place. */
function layerOf(file: string): number {
  const layer = file.startsWith('src/')
    ? LAYERS.findIndex((folders) => folders.includes(folderOf(file)))
    : -1;
  if (layer < 0) throw new Error(`${file} is in no layer`);
  return layer;
}

test('no import in src points up or sideways', () => {
  const files = globSync('src/**/*.ts', { cwd: ROOT });
  assert.ok(files.length > 50, `only ${files.length} files found`);
  assert.deepEqual(
    files.flatMap((file) => violations(file, readFileSync(join(ROOT, file), 'utf8'))),
    [],
  );
});

describe('a planted import is found', () => {
  const planted: [string, string, string][] = [
    ['up', 'src/model/x.ts', "import { y } from '../kube/y.ts';"],
    ['sideways', 'src/kube/x.ts', "import { y } from '../memcached/y.ts';"],
    ['sideways between jobs', 'src/backup/x.ts', "import { y } from '../restore/y.ts';"],
    ['as a type', 'src/errors/x.ts', "import type { Y } from '../model/y.ts';"],
    ['over several lines', 'src/store/x.ts', "import {\n  y,\n  z,\n} from '../commands/y.ts';"],
    ['as a re-export', 'src/output/x.ts', "export * from '../cli/y.ts';"],
    ['for its effect', 'src/output/x.ts', "import '../main.ts';"],
    ['lazily', 'src/kube/x.ts', "const y = await import('../commands/y.ts');"],
    ['deep below a folder', 'src/kube/a/b/x.ts', "import { y } from '../../../output/y.ts';"],
  ];
  for (const [name, file, source] of planted) {
    test(name, () => assert.equal(violations(file, source).length, 1));
  }

  test('into a folder without a layer, or out of src', () => {
    assert.throws(() => violations('src/cli/x.ts', "import { y } from '../helpers/y.ts';"), /in no layer/);
    assert.throws(() => violations('src/cli/x.ts', "import { y } from '../y.ts';"), /in no layer/);
  });
});

test('imports down and within a folder are fine', () => {
  assert.deepEqual(
    violations('src/cli/commands/x.ts', "import { y } from '../flag.ts';\nimport '../../errors/y.ts';"),
    [],
  );
});

/** Groups of files that import each other round in a circle, also by types alone (Tarjan's strong components). */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!order.has(target)) lowest.set(file, Math.min(lowest.get(file)!, visit(target)));
      else if (open.includes(target)) lowest.set(file, Math.min(lowest.get(file)!, order.get(target)!));
    }
    if (lowest.get(file) === order.get(file)) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1 || imports.get(file)?.includes(file)) found.push(group);
    }
    return lowest.get(file)!;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}

test('no files in src import each other in a circle, types included', () => {
  const files = globSync('src/**/*.ts', { cwd: ROOT });
  const importsOf = (file: string): string[] =>
    relativeImports(readFileSync(join(ROOT, file), 'utf8')).map((specifier) => join(file, '..', specifier));
  assert.deepEqual(circles(new Map(files.map((file) => [file, importsOf(file)]))), []);
});

test('a planted circle is found, and a diamond is none', () => {
  const ring: [string, string[]][] = [
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', []],
  ];
  assert.deepEqual(circles(new Map(ring)), [['a', 'b', 'c']]);
  assert.deepEqual(circles(new Map([['a', ['a']]])), [['a']]);
  assert.deepEqual(
    circles(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['d']],
        ['c', ['d']],
      ]),
    ),
    [],
  );
});
