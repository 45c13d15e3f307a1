import type { Plugin } from 'esbuild';
import { layOut } from '../../src/cli/help-layout.ts';
import { helpPages } from '../../src/cli/help-pages.ts';
import { USUAL_COLUMNS } from '../../src/output/wrap.ts';

/**
 * The assets of the executable that hold the finished help, by name: of each page what it says, as JSON, and its text for a terminal of the usual
 * width, which is what a pipe gets, too.
 */
export function helpAssets(): ReadonlyMap<string, string> {
  return new Map(
    [...helpPages()].flatMap(([name, page]): [string, string][] => [
      [PAGES + name, JSON.stringify(page)],
      [TEXTS + name, layOut(page, USUAL_COLUMNS)],
    ]),
  );
}

const PAGES = 'help/';
const TEXTS = 'help-text/';

/** Puts a module that looks for finished help in place of the one that makes all of it out of every command. */
export const finishedHelp: Plugin = {
  name: 'finished-help',
  setup: ({ onLoad }) => {
    onLoad({ filter: /src\/cli\/help-page-of\.ts$/ }, () => {
      const contents = `import { getAssetKeys, getRawAsset } from 'node:sea';
export function helpPageOf(name) {
  const page = textOf(${JSON.stringify(PAGES)} + name);
  return page && JSON.parse(page);
}
export function usualHelpOf(name) {
  return textOf(${JSON.stringify(TEXTS)} + name);
}
function textOf(asset) {
  return getAssetKeys().includes(asset) ? Buffer.from(getRawAsset(asset)).toString() : undefined;
}`;
      return { contents, loader: 'js' };
    });
  },
};
