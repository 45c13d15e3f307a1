/**
 * In a container of its own, as process 1: "leave ROOT" leaves a backup and a removal half done, "sweep ROOT" removes what
 * others left.
 */
import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { hiddenFolder, leftBehind, removeAbandoned } from '../../../../src/store/folder/partial-folder.ts';

const [what, root = ''] = process.argv.slice(2);
if (what === 'leave') {
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
  for (const doing of ['partial', 'deleting'] as const) {
    const folder = hiddenFolder(root, doing, '20261122T101500Z');
    await mkdir(join(folder, 'raw'), { recursive: true });
    await utimes(folder, yesterday, yesterday);
  }
} else {
  const own = hiddenFolder(root, 'partial', '20261123T101500Z');
  await mkdir(own);
  console.log((await leftBehind(root, Date.now())).length);
  await removeAbandoned(root, Date.now());
}
