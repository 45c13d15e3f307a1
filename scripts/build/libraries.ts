import type { Plugin } from 'esbuild';

/**
 * Packages that few commands need and that are large: each is a script of its own, by its name. Only their named exports are used, and
 * nothing of them is shared with another script.
 */
export const LIBRARIES: Readonly<Record<string, string>> = {
  'client-node-config': '@kubernetes/client-node/dist/config.js',
  'client-node-exec': '@kubernetes/client-node/dist/exec_auth.js',
  's3-client': '@aws-sdk/client-s3',
  'age-encryption': 'age-encryption',
};

/** Leaves those packages out of a script: it asks for theirs. */
export const ownScripts: Plugin = {
  name: 'own-scripts',
  setup: ({ onResolve }) => {
    for (const [name, specifier] of Object.entries(LIBRARIES)) {
      const filter = new RegExp(`^${RegExp.escape(specifier)}$`);
      onResolve({ filter }, () => ({ path: `./${name}.js`, external: true }));
    }
  },
};
