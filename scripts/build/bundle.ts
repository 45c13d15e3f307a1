import { basename, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { finishedHelp } from './finished-help.ts';
import { finishedSchemas } from './finished-schemas.ts';
import { finishedScripts } from './finished-scripts.ts';
import { finishedTable } from './finished-table.ts';
import { lazyBuiltins } from './lazy-builtins.ts';
import { lazyYaml } from './lazy-yaml.ts';
import { LIBRARIES, ownScripts } from './libraries.ts';
import { root } from './paths.ts';
import { COMPLETION_PROGRAM, PROGRAMS, WHOLE_PROGRAM } from './programs.ts';
import { someCommands } from './some-commands.ts';

/** The program as scripts by name; programs.ts says which of them runs a line. */
export type Scripts = ReadonlyMap<string, string>;

export interface Bundle {
  /** What the executable runs first: scripts/build/sea-main.ts. */
  start: string;
  scripts: Scripts;
  /** The files that went in, relative to the project. */
  sources: string[];
}

/**
 * Bundles src/main.ts into one script for each program (programs.ts), where modules call each other as directly as functions of one file do; what is only
 * imported by `import()` is run when that asks for it. They share nothing with each other, nor with what answers a shell that completes a line: each
 * key waits for that. Each library of libraries.ts is a script of its own. A script is a function of (exports, require, module), which
 * script-loader.ts calls.
 */
export async function bundle(): Promise<Bundle> {
  const plugins = [finishedHelp, finishedSchemas, finishedScripts, lazyBuiltins, lazyYaml, ownScripts];
  const main = 'src/main.ts';
  const built = await Promise.all([
    build({ ...COMMON, entryPoints: { [WHOLE_PROGRAM]: main }, plugins }),
    ...Object.entries(PROGRAMS).map(([name, commands]) =>
      build({ ...COMMON, entryPoints: { [name]: main }, plugins: [someCommands(commands), ...plugins] }),
    ),
    build({
      ...COMMON,
      entryPoints: { [COMPLETION_PROGRAM]: 'src/cli/completion/completion.ts' },
      plugins: [finishedTable, finishedSchemas, lazyBuiltins, lazyYaml, ownScripts],
    }),
    build({ ...COMMON, entryPoints: LIBRARIES }),
  ]);
  const scripts = built.flatMap(({ outputFiles }) =>
    outputFiles.map(({ path, text }): [string, string] => [basename(path), inAscii(text)]),
  );
  return {
    start: await bundleStart(),
    scripts: new Map(scripts.sort(([a], [b]) => (a < b ? -1 : 1))),
    sources: built.flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  };
}

/** esbuild leaves other characters in regular expressions and comments. */
function inAscii(code: string): string {
  return code.replaceAll(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * What modules in the executable take for their own address: yargs' parser makes a `require` of it, and there is nothing there. It has a drive, for on
 * Windows a path without one is not absolute, and Node refuses it.
 */
export const MODULE_URL = 'file:///C:/memcached-backup/';

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node26',
  minify: true,
  outdir: 'bundle',
  write: false,
  metafile: true,
  logLevel: 'warning',
  supported: { 'dynamic-import': false },
  alias: {
    // It takes 30 ms to load, to measure scripts that nothing is written in that is measured by it.
    'string-width': join(root, 'scripts/build/string-width.ts'),
    'yargs/helpers': join(root, 'scripts/build/yargs-helpers.ts'),
  },
  define: { 'import.meta.main': 'false', 'import.meta.url': JSON.stringify(MODULE_URL) },
  banner: { js: '(function(exports,require,module){' },
  footer: { js: '})' },
} as const satisfies BuildOptions;

/** scripts/build/sea-main.ts as one script, which asks for the modules of Node's that it needs when it needs them. */
export async function bundleStart(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['scripts/build/sea-main.ts'],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node26',
    minify: true,
    write: false,
    logLevel: 'warning',
    plugins: [finishedHelp],
  });
  return outputFiles.map(({ text }) => text).join('');
}
