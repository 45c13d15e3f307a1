import type { Plugin } from 'esbuild';
import { commandTable } from '../../src/cli/completion/command-table.ts';

/** Puts the finished table of commands in place of the module that makes it out of every command. */
export const finishedTable: Plugin = {
  name: 'finished-table',
  setup: ({ onLoad }) => {
    onLoad({ filter: /src\/cli\/completion\/command-table\.ts$/ }, () => ({
      // V8 reads the text of JSON faster than what it says as code.
      contents: `export function commandTable() { return JSON.parse(${JSON.stringify(JSON.stringify(commandTable()))}); }`,
      loader: 'js',
    }));
  },
};
