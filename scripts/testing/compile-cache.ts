import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Loaded before each test file: some two hundred processes would otherwise each take the types out of the same modules
 * and compile them. Called here and not set in the environment, which the programs under test would inherit.
 */
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url)));
