import type { Plugin } from 'esbuild';
import * as yaml from 'yaml';
import { root } from './paths.ts';

/**
 * Has `yaml` run when the first of its functions is called, not with the module that imports it: most of what is read and
 * written is plain, and needs none of it (src/model/json/plain-yaml.ts).
 */
export const lazyYaml: Plugin = {
  name: 'lazy-yaml',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^yaml$/ }, ({ namespace }) =>
      namespace === 'lazy-yaml' ? undefined : { path: 'yaml', namespace: 'lazy-yaml' },
    );
    onLoad({ filter: /^yaml$/, namespace: 'lazy-yaml' }, () => ({
      contents,
      loader: 'js',
      resolveDir: root,
    }));
  },
};

const names = Object.entries(yaml).flatMap(([name, value]) =>
  typeof value === 'function' && name !== 'default' ? [name] : [],
);

/** Stands for each function and class; an error is of its class whichever of the two is asked. */
const contents = [
  "let loaded; const yaml = () => loaded ??= require('yaml');",
  ...names.map(
    (name) =>
      `export function ${name}(...args) { return new.target ? new (yaml().${name})(...args) : yaml().${name}(...args); }`,
  ),
  ...names
    .filter((name) => name.endsWith('Error'))
    .map(
      (name) =>
        `Object.defineProperty(${name}, Symbol.hasInstance, { value: (error) => error instanceof yaml().${name} });`,
    ),
].join('\n');
