import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const dist = join(root, 'dist');
/** What the build keeps for itself: intermediate files and stamps. */
export const workFolder = join(dist, '.build');
export const executable = join(dist, 'kubectl-memcached_backup');
