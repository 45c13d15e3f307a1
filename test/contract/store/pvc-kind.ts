import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { aSmallDisk, noMounts, type SmallDisk } from '../../e2e/support/small-disk.ts';
import { FrameProxy, type FrameVerdict } from '../../support/pvc/frame-proxy.ts';
import { serveFolder, storeAt } from '../../support/pvc/served-claim.ts';
import { temporaryFolder } from '../../unit/store/temporary-folder.ts';
import { doWork } from './cut-work.ts';
import type { CutWork, Fault, StoreKind, TestedStore } from './kind.ts';
import { filesBelow, piecesOf } from './pieces.ts';

const CUTS = ['cut before', 'cut within'] as const;

/**
 * A store on a claim, whose server runs beside the test: over a socket of this machine in the place of a port-forward.
 * On a real claim it is tried by test/e2e/pvc-store.test.ts.
 */
export const PVC_OVER_A_SOCKET: StoreKind = {
  name: 'pvc, its server on this machine',
  make: makeServed,
};

async function makeServed(t: TestContext): Promise<TestedStore> {
  const disk = noMounts === false ? await aSmallDisk('4m') : undefined;
  const root = join(disk?.path ?? (await temporaryFolder(t)), 'store');
  await mkdir(root);
  const served = await serveFolder(root);
  const proxy = await FrameProxy.start(served.port);
  t.after(async () => {
    await proxy.stop();
    await served[Symbol.asyncDispose]();
    await disk?.[Symbol.asyncDispose]();
  });
  const open = async () => storeAt(proxy.port, served.token);
  return {
    open,
    ...piecesOf(filesBelow(root)),
    cut: (work, step) => cutAt(proxy, work, step, open),
    break: (fault) => breakIt(fault, proxy, disk),
  };
}

async function breakIt(
  fault: Fault,
  proxy: FrameProxy,
  disk: SmallDisk | undefined,
): Promise<(() => Promise<void>) | undefined> {
  switch (fault) {
    case 'gone':
      proxy.reset(() => 'cut before');
      return async () => proxy.reset();
    case 'slow':
      proxy.reset(() => ({ delayMs: 10 }));
      return async () => proxy.reset();
    case 'refused half way': {
      // Hello, begin, and some files get through.
      proxy.reset(({ number }) => (number > 6 ? 'cut before' : 'pass'));
      return async () => proxy.reset();
    }
    case 'full':
      disk?.fill();
      return disk && (async () => disk.free());
    case 'read-only':
      await disk?.makeReadOnly();
      return disk && (() => disk.makeWritable());
    case 'kept from deletions':
      return undefined;
  }
}

async function cutAt(
  proxy: FrameProxy,
  work: CutWork,
  step: number,
  open: TestedStore['open'],
): Promise<'cut' | 'done' | 'beyond'> {
  const verdict: FrameVerdict = CUTS[(step - 1) % CUTS.length] ?? 'pass';
  const at = 1 + Math.floor((step - 1) / CUTS.length);
  let reached = false;
  proxy.reset(({ number }) => {
    reached ||= number === at;
    // What is cut stays so until the work is over.
    return number >= at ? verdict : 'pass';
  });
  try {
    await doWork(await open(), work);
    return reached ? 'done' : 'beyond';
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return 'cut';
  } finally {
    proxy.reset();
  }
}
