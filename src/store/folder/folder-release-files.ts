import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mapLimited } from '../../errors/map-limited.ts';
import { replacedName, replaceFile, syncPath } from '../durable-file.ts';
import { errnoOf } from '../errno.ts';
import { Damage } from '../format/damage.ts';
import {
  assertBesideFile,
  assertBesidePath,
  type BesideFile,
  type BesideFolder,
  isBesidePath,
  listedBeside,
  type ReleaseFiles,
} from '../release-files.ts';
import { assertNoLink, ensureInnerFolder, type InnerFolder } from './inner-folder.ts';
import { readInner } from './safe-read.ts';

/** Files looked at at once. */
const AT_ONCE = 16;

/** What a writer that was cut off left is removed hours later: it may be at work elsewhere. */
const ABANDONED_AFTER_MS = 6 * 60 * 60 * 1000;

/** Files beside the backups of a release, in the folder that holds those. Errors are those of the operating system. */
export class FolderReleaseFiles implements ReleaseFiles {
  readonly #release: InnerFolder;

  /** @param release the folder of the release. */
  constructor(release: InnerFolder) {
    this.#release = release;
  }

  /** @throws as {@link replaceFile}; LinkedFolder. */
  async write(path: string, content: Uint8Array): Promise<void> {
    assertBesideFile(path, content);
    const { folder, name } = this.#placeOf(path);
    const parent = await ensureInnerFolder(folder);
    await removeAbandoned(parent);
    await replaceFile(join(parent, name), content);
  }

  async read(path: string, maximum: number): Promise<Buffer | undefined> {
    assertBesidePath(path);
    const { root, parts } = this.#release;
    await stat(root);
    await assertNoLink(this.#release);
    try {
      return await readInner(join(root, ...parts), path, maximum);
    } catch (error) {
      if (error instanceof Damage && error.missing) return undefined;
      throw error;
    }
  }

  async list(folder: BesideFolder): Promise<BesideFile[]> {
    const { root, parts } = this.#release;
    const place = { ...this.#release, parts: [...parts, folder] };
    await assertNoLink(place);
    const paths = await pathsBelow(join(root, ...parts), folder);
    const files = await mapLimited(paths.filter(isBesidePath), AT_ONCE, async (path) => {
      const found = await lstat(join(root, ...parts, path)).catch(absent);
      return found?.isFile() === true ? [{ path, bytes: found.size }] : [];
    });
    return listedBeside(files.flat());
  }

  async remove(path: string): Promise<void> {
    assertBesidePath(path);
    const { folder, name } = this.#placeOf(path);
    await assertNoLink(folder);
    const parent = join(folder.root, ...folder.parts);
    await rm(join(parent, name), { force: true });
    await syncPath(parent).catch(absent);
  }

  #placeOf(path: string): { folder: InnerFolder; name: string } {
    const names = path.split('/');
    const name = names.pop() ?? '';
    return { folder: { ...this.#release, parts: [...this.#release.parts, ...names] }, name };
  }
}

/** Two levels at most; links are not followed. */
async function pathsBelow(release: string, folder: string): Promise<string[]> {
  const entries = (await readdir(join(release, folder), { withFileTypes: true }).catch(absent)) ?? [];
  const found = await mapLimited(entries, AT_ONCE, async (entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    const inner = (await readdir(join(release, path)).catch(absent)) ?? [];
    return inner.map((name) => `${path}/${name}`);
  });
  return found.flat();
}

/** What a killed writer left on its way to a name. Never throws: no listing shows it. */
async function removeAbandoned(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => replacedName(each) !== undefined)) {
    const path = join(parent, name);
    const found = await lstat(path).catch(() => undefined);
    const isOld = found?.isFile() === true && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS;
    if (isOld) await rm(path, { force: true }).catch(() => {});
  }
}

function absent(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
  return undefined;
}
