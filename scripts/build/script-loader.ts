import { Script } from 'node:vm';

export interface Assets {
  /** A script's source, all ASCII. */
  source(name: string): string;
  /** V8's code cache for it, where there is one. */
  cache(name: string): Buffer | undefined;
}

type Require = (name: string) => unknown;
type Wrapper = (exports: object, require: Require, module: { exports: object }) => void;

/** Loads the bundle's scripts, which refer to each other as "./NAME". */
export class ScriptLoader {
  /** Every script loaded so far, and the bytes of the cache that it came with. */
  readonly scripts = new Map<string, { script: Script; cacheSize: number }>();
  readonly #loaded = new Map<string, { exports: object }>();
  readonly #assets: Assets;
  readonly #builtin: Require;

  constructor(assets: Assets, builtin: Require) {
    this.#assets = assets;
    this.#builtin = builtin;
  }

  load(name: string): object {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#loaded.set(name, module);
    const require: Require = (wanted) =>
      wanted.startsWith('./') ? this.load(wanted.slice(2)) : this.#builtin(wanted);
    (this.compile(name).runInThisContext() as Wrapper)(module.exports, require, module);
    return module.exports;
  }

  compile(name: string): Script {
    const cachedData = this.#assets.cache(name);
    const options = cachedData === undefined ? {} : { cachedData };
    const script = new Script(this.#assets.source(name), { filename: name, ...options });
    this.scripts.set(name, { script, cacheSize: cachedData?.length ?? 0 });
    return script;
  }

  /** How much of the code of a script that was compiled by now came in its cache, as a share of 1; 0 where V8 refused the cache. */
  shareInCache(name: string): number {
    const { script, cacheSize } = this.scripts.get(name)!;
    return script.cachedDataRejected === true
      ? 0
      : cacheSize / Math.max(cacheSize, script.createCachedData().length);
  }
}
