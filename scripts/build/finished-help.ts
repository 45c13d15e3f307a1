import type { Plugin } from 'esbuild';
import { helpPages } from '../../src/cli/help-pages.ts';

/** The assets of the executable that hold a finished help page each, as JSON, by name. */
export function helpAssets(): ReadonlyMap<string, string> {
  return new Map([...helpPages()].map(([name, page]) => [assetOf(name), JSON.stringify(page)]));
}

function assetOf(name: string): string {
  return `help/${name}`;
}

/** Puts a module that looks for a finished help page in place of the one that makes all of them out of every command. */
export const finishedHelp: Plugin = {
  name: 'finished-help',
  setup: ({ onLoad }) => {
    onLoad({ filter: /src\/cli\/help-page-of\.ts$/ }, () => {
      const contents = `import { getAsset, getAssetKeys } from 'node:sea';
export function helpPageOf(name) {
  const asset = ${JSON.stringify(assetOf(''))} + name;
  return getAssetKeys().includes(asset) ? JSON.parse(getAsset(asset, 'utf8')) : undefined;
}`;
      return { contents, loader: 'js' };
    });
  },
};
