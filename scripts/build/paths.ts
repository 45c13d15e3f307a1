import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const dist = join(root, 'dist');
export const executable = join(dist, 'kubectl-memcached_backup');
/** Node needs it and minimal systems lack it, so it lies beside the executable. */
export const library = join(dist, 'libatomic.so.1');
/** What the build keeps for itself: intermediate files and stamps. */
export const workFolder = join(dist, '.build');
