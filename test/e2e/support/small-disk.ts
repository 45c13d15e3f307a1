import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectCode, run } from './process.ts';

/** The reason to skip a test that mounts something; false where it may run. */
export const noMounts = process.getuid?.() === 0 ? false : 'only root may mount a file system';

/** A file system in memory, which a test can fill or make read-only: root ignores a folder's mode. */
export interface SmallDisk extends AsyncDisposable {
  path: string;
  makeReadOnly(): Promise<void>;
  makeWritable(): Promise<void>;
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
}

/** @param size as mount(8) takes it: "160k". */
export async function aSmallDisk(size: string): Promise<SmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-small-disk-'));
  const path = join(folder, 'disk');
  mkdirSync(path);
  expectCode(await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]));
  const remount = async (how: 'ro' | 'rw'): Promise<void> => {
    expectCode(await run('mount', ['-o', `remount,${how}`, path]));
  };
  const filler = join(path, '.filler');
  return {
    path,
    makeReadOnly: () => remount('ro'),
    makeWritable: () => remount('rw'),
    fill: () => {
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    free: () => rmSync(filler),
    [Symbol.asyncDispose]: async () => {
      expectCode(await run('umount', [path]));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
