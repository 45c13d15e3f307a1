import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/**
 * Packs files of `folder` under their relative names and writes `archive` and its .sha256 (as sha256sum
 * prints it). The same files give the same archive: sorted, root's, of no date. Returns the digest.
 */
export async function writeArchive(
  archive: string,
  folder: string,
  files: readonly string[],
): Promise<string> {
  const options = [
    '--format=ustar',
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
  ];
  const mode = '--mode=u+rwX,go+rX,go-w';
  const tar = spawn('tar', [...options, mode, '-C', folder, '-cf', '-', ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => tar.on('error', reject).on('close', resolve));
  const hash = createHash('sha256');
  const hashed = new PassThrough().on('data', (chunk: Buffer) => hash.update(chunk));
  const partial = `${archive}.part`;
  await pipeline(tar.stdout, createGzip(), hashed, createWriteStream(partial));
  if ((await ended) !== 0) throw new Error('tar failed');
  const digest = hash.digest('hex');
  await writeFile(`${archive}.sha256`, `${digest}  ${basename(archive)}\n`);
  await rename(partial, archive);
  return digest;
}
