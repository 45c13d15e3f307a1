import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { writeDockerArchive } from './build/docker-archive.ts';
import { loadImage, removeImage } from './load-image.ts';

/** What a Debian image has beside its programs, as far as scripts here call it; taken from this machine. */
const TOOLS = ['/bin/sh', '/usr/bin/date', '/usr/bin/find'];

/** An image in the node. Goes away at the end of its block. */
export interface LoadedImage extends AsyncDisposable {
  name: string;
}

/**
 * An image of a shell, a few tools and the given programs, such as kubectl and helm, in the node of our own
 * cluster.
 * @param what a word for its name.
 */
export async function imageOfPrograms(what: string, programs: readonly string[]): Promise<LoadedImage> {
  const name = `localhost/${what}:${process.pid}`;
  const work = mkdtempSync(join(tmpdir(), 'program-image-'));
  const root = join(work, 'rootfs');
  try {
    mkdirSync(join(root, 'tmp'), { recursive: true });
    for (const program of [...TOOLS, ...programs]) {
      // "helm3" is called helm.
      place(program, join(root, 'bin', basename(program).replace(/\d$/, '')));
      for (const library of await librariesOf(program)) place(library, join(root, library));
    }
    await writeDockerArchive(join(work, 'image.tar'), name, root, { Cmd: ['sh'] });
    await loadImage(join(work, 'image.tar'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { name, [Symbol.asyncDispose]: () => removeImage(name) };
}

/** Copies a file, or what a link to it leads to. */
export function place(file: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(realpathSync(file), target);
}

/** The loader and the libraries that it names; none of a program that is linked statically. */
export function librariesOf(program: string): Promise<string[]> {
  return new Promise((resolve) => {
    execFile('ldd', [program], (_error, stdout) => {
      resolve([...stdout.matchAll(/(?:=> |^\s+)(\/\S+)/gm)].map(([, file]) => file!));
    });
  });
}
