import { spawnSync } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openStore } from '../../../src/store/open-store.ts';
import { temporaryFolder } from '../../unit/store/temporary-folder.ts';
import type { CutWork, StoreKind, TestedStore } from './kind.ts';
import { filesBelow, piecesOf } from './pieces.ts';

const WORKER = join(import.meta.dirname, 'crashing-worker.ts');
/** File operations between two steps: each is one more process. */
const STRIDE = 9;

/** Its full disks and read-only mounts want file systems of their own: test/unit/store/folder/failing-disk.test.ts. */
export const FOLDER: StoreKind = {
  name: 'folder',
  make: async (t: TestContext): Promise<TestedStore> => {
    const parent = await temporaryFolder(t);
    const root = join(parent, 'store');
    return {
      open: () => openStore(root),
      ...piecesOf(filesBelow(root)),
      cut: async (work, step) => runCut(root, work, 1 + (step - 1) * (work === 'save' ? STRIDE : 1)),
      break: async (fault) => {
        if (fault !== 'gone') return undefined;
        // Not even a folder can be made there.
        await rename(root, `${root}-away`);
        await writeFile(root, '');
        return async () => {
          await rm(root);
          await rename(`${root}-away`, root);
        };
      },
    };
  },
};

function runCut(root: string, work: CutWork, at: number): 'cut' | 'beyond' {
  const { signal, status, stderr } = spawnSync(process.execPath, [WORKER, root, work, `${at}`], {
    encoding: 'utf8',
  });
  if (signal === 'SIGKILL') return 'cut';
  if (status !== 0) throw new Error(stderr);
  return 'beyond';
}
