import { releaseParts } from '../format/layout.ts';
import type { ReleaseAddress } from '../store.ts';

/** The folder of a release's newest backup in the branch. */
export function releaseFolder(path: string, release: ReleaseAddress): string {
  return [...(path === '' ? [] : [path]), ...releaseParts(release)].join('/');
}
