import { readFileSync, realpath } from 'node:fs';

/** File systems that answer from this machine's memory and disks (proc(5), filesystems(5)). */
const LOCAL = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'tmpfs', 'overlay']);

/** A line of /proc/self/mountinfo: the mount point is its fifth field, the file system follows " - ". */
const MOUNT = /^(?:\S+ ){4}(\S+) .*? - (\S+)/;

/**
 * Whether everything below a folder lies on file systems of this machine. Such a one does not wait for another machine, so a small file may be
 * read without giving way: Ctrl-C is heard a moment later. Of a network share that hangs, it never would be.
 * @returns false where it can't be told, as on systems without /proc. Never throws.
 */
export async function isOnLocalDisk(folder: string): Promise<boolean> {
  try {
    const path = await realPathOf(folder);
    // That waits for nobody.
    return areLocal(readFileSync('/proc/self/mountinfo', 'utf8'), path);
  } catch {
    return false;
  }
}

/** As node:fs/promises has it, which a listing does not load for this alone. */
function realPathOf(folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    realpath.native(folder, (error, path) => (error === null ? resolve(path) : reject(error)));
  });
}

/**
 * What {@link isOnLocalDisk} says by the text of mountinfo, which names of two mounts on the same point the lower one first.
 * @param path real and absolute.
 */
export function areLocal(mountinfo: string, path: string): boolean {
  let around = { length: 0, isLocal: false };
  for (const line of mountinfo.split('\n')) {
    const [, escaped, type] = MOUNT.exec(line) ?? [];
    if (escaped === undefined || type === undefined) continue;
    const point = escaped.replace(/\\([0-7]{3})/g, (_, octal) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const isLocal = LOCAL.has(type);
    if (isIn(path, point) && point.length >= around.length) around = { length: point.length, isLocal };
    else if (isIn(point, path) && !isLocal) return false;
  }
  return around.isLocal;
}

function isIn(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
