import { bundle } from './build/bundle.ts';
import { buildExecutable } from './build/executable.ts';

await buildExecutable(await bundle());
