import { FolderStore } from '../folder/folder-store.ts';
import type { ExposedFolder, StoreCondition } from '../store.ts';

/**
 * A claim that is mounted where this process runs: a folder. Whoever may make pods that mount it may write it as any user, and
 * fsGroup makes its root writable for a group: modes say nothing here.
 */
export class MountedClaim extends FolderStore {
  override async exposed(): Promise<ExposedFolder[]> {
    return [];
  }

  override async condition(): Promise<StoreCondition> {
    return { ...(await super.condition()), exposed: [] };
  }
}
