import * as childProcess from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fsPromises from 'node:fs/promises';
import * as net from 'node:net';
import * as readline from 'node:readline';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { Plugin } from 'esbuild';

/** Without `constants`, which are those of the system that builds. */
const { constants: _ofThisSystem, ...files } = fsPromises;

/** Modules of Node's that take milliseconds to load. No class of theirs may be extended: the stand-in is not what is inherited from. */
const BUILTINS: Readonly<Record<string, object>> = {
  'node:child_process': childProcess,
  'node:crypto': crypto,
  'node:fs/promises': files,
  'node:net': net,
  'node:readline': readline,
  'node:zlib': zlib,
};

/**
 * Has those modules of Node's loaded when the first of their functions is called, not with the module that imports them: a command that reads a folder
 * needs none. Functions, classes and `constants`, which are written out, can be imported so; a build that imports anything else fails.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' && Object.hasOwn(BUILTINS, path)
        ? { path, namespace: 'lazy-builtins', sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /^/, namespace: 'lazy-builtins' }, ({ path }) => ({
      contents: standIn(path),
      loader: 'js',
    }));
  },
};

/** util.promisify() of execFile, say, gives more than the callback's first result. */
function promisified(name: string): string {
  const symbol = `Symbol.for(${JSON.stringify(promisify.custom.description)})`;
  return `Object.defineProperty(${name}, ${symbol}, { get: () => builtin().${name}[${symbol}] });`;
}

function standIn(path: string): string {
  const exported = Object.entries(BUILTINS[path]!);
  const names = exported.flatMap(([name, value]) =>
    typeof value === 'function' && name !== 'default' ? [name] : [],
  );
  return [
    `let loaded; const builtin = () => loaded ??= require(${JSON.stringify(path)});`,
    ...exported
      .filter(([name]) => name === 'constants')
      .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`),
    ...names.map(
      (name) =>
        `export function ${name}(...args) { return new.target ? new (builtin().${name})(...args) : builtin().${name}(...args); }`,
    ),
    ...exported
      .filter(([, value]) => typeof value === 'function' && Object.hasOwn(value, promisify.custom))
      .map(([name]) => promisified(name)),
  ].join('\n');
}
