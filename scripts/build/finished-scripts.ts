import type { Plugin } from 'esbuild';
import { SHELLS, shellScript } from '../../src/completion/shell-scripts.ts';

/** Puts the shells' scripts themselves in place of the module that reads them from files. */
export const finishedScripts: Plugin = {
  name: 'finished-scripts',
  setup: ({ onLoad }) => {
    onLoad({ filter: /src\/completion\/shell-scripts\.ts$/ }, () => {
      const scripts = Object.fromEntries(SHELLS.map((shell) => [shell, shellScript(shell)]));
      const contents = `const scripts = ${JSON.stringify(scripts)};
export const SHELLS = Object.keys(scripts);
export function shellScript(shell) { return scripts[shell]; }`;
      return { contents, loader: 'js' };
    });
  },
};
