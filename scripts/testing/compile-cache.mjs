import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Loaded before each test file: some two hundred processes would otherwise each take the types out of the same modules
 * and compile them. Called here and not set in the environment, which the programs under test would inherit. Plain
 * JavaScript: for types of its own each process would load Node's type stripper, some 40 ms of CPU time, before the cache
 * can spare it.
 */
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url)));
