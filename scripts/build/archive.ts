import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync, statSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { zip } from './zip.ts';

/**
 * Packs files of `folder` under their relative names: as ZIP where the archive's name says so, else as a compressed tar. The same files
 * give the same archive: sorted, root's, of no date. @returns its SHA-256 digest.
 */
export async function writeArchive(
  archive: string,
  folder: string,
  files: readonly string[],
): Promise<string> {
  const partial = `${archive}.part`;
  const digest = await (archive.endsWith('.zip') ? writeZip : writeTar)(partial, folder, files);
  await rename(partial, archive);
  return digest;
}

async function writeZip(archive: string, folder: string, files: readonly string[]): Promise<string> {
  const entries = files.map((name) => {
    const path = join(folder, name);
    return { name, content: readFileSync(path), isExecutable: (statSync(path).mode & 0o100) !== 0 };
  });
  const bytes = zip(entries);
  await writeFile(archive, bytes);
  return createHash('sha256').update(bytes).digest('hex');
}

async function writeTar(archive: string, folder: string, files: readonly string[]): Promise<string> {
  const options = [
    '--format=ustar',
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
  ];
  const mode = '--mode=u+rwX,go+rX,go-w';
  const tar = spawn('tar', [...options, mode, '-C', folder, '-cf', '-', ...files.toSorted()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => tar.on('error', reject).on('close', resolve));
  const hash = createHash('sha256');
  const hashed = new PassThrough().on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(tar.stdout, createGzip(), hashed, createWriteStream(archive));
  if ((await ended) !== 0) throw new Error('tar failed');
  return hash.digest('hex');
}
