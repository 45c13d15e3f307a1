import { basename, join } from 'node:path';
import { build, transform } from 'esbuild';
import { finishedHelp } from './finished-help.ts';
import { finishedSchemas } from './finished-schemas.ts';
import { root } from './paths.ts';

/** The program as scripts by name; "main.js" is where it starts. */
export type Scripts = ReadonlyMap<string, string>;

export interface Bundle {
  /** What the executable runs first: scripts/build/sea-main.ts. */
  start: string;
  scripts: Scripts;
  /** The files that went in, relative to the project. */
  sources: string[];
}

/**
 * Bundles src/main.ts. Every `import()` starts a script of its own, so that a command loads what it needs and
 * no more. esbuild splits ES modules only; a second step turns each piece into a function of
 * (exports, require, module), which script-loader.ts calls.
 */
export async function bundle(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    minify: true,
    outdir: 'bundle',
    write: false,
    metafile: true,
    logLevel: 'warning',
    // yargs measures text with a package that takes 30 ms to load, for scripts that no flag is written in.
    alias: { 'string-width': join(root, 'scripts/build/string-width.ts') },
    define: { 'import.meta.main': 'false', 'import.meta.url': '"file:///memcached-backup/"' },
    plugins: [finishedHelp, finishedSchemas],
  });
  const scripts = outputFiles.map(async ({ path, text }): Promise<[string, string]> => {
    const { code } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target: 'node26',
      minify: true,
      supported: { 'dynamic-import': false },
      banner: '(function(exports,require,module){',
      footer: '})',
    });
    return [basename(path), code];
  });
  return {
    start: await bundleStart(),
    scripts: new Map((await Promise.all(scripts)).sort(([a], [b]) => (a < b ? -1 : 1))),
    sources: Object.keys(metafile.inputs),
  };
}

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
