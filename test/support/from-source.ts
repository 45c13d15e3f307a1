const COMPILE_CACHE = new URL('../../scripts/testing/compile-cache.mjs', import.meta.url).href;

/** Node's arguments that run a module of ours in a process of its own, from the compile cache of the test processes. */
export function fromSource(module: string, ...words: string[]): string[] {
  return ['--import', COMPILE_CACHE, module, ...words];
}
