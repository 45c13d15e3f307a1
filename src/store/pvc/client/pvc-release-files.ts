import { isObject, numberAt, stringAt, valueAt } from '../../../model/json/json.ts';
import { Damage } from '../../format/damage.ts';
import {
  assertBesideFile,
  assertBesidePath,
  type BesideFile,
  type BesideFolder,
  listedBeside,
  type ReleaseFiles,
} from '../../release-files.ts';
import type { ReleaseAddress } from '../../store.ts';
import { BadFrame } from '../wire/frames.ts';
import type { Helper } from './helper.ts';

/** Files beside the backups of a release on a claim. Errors are those of {@link Helper}. */
export class PvcReleaseFiles implements ReleaseFiles {
  readonly #helper: Helper;
  readonly #release: ReleaseAddress;

  constructor(helper: Helper, { cluster, namespace, release }: ReleaseAddress) {
    this.#helper = helper;
    this.#release = { cluster, namespace, release };
  }

  async write(path: string, content: Uint8Array): Promise<void> {
    assertBesideFile(path, content);
    await this.#helper.write((link) =>
      link.request('beside-write', { release: this.#release, path }, content),
    );
  }

  async read(path: string, maximum: number): Promise<Buffer | undefined> {
    assertBesidePath(path);
    const { header, body } = await this.#helper.read((link) =>
      link.request('beside-read', { release: this.#release, path, maximum }),
    );
    if (valueAt(header, 'there') !== true) return undefined;
    if (body.length > maximum)
      throw new Damage(`${path} has ${body.length} bytes, at most ${maximum} are read`);
    return body;
  }

  async list(folder: BesideFolder): Promise<BesideFile[]> {
    const { header } = await this.#helper.read((link) =>
      link.request('beside-list', { release: this.#release, folder }),
    );
    if (!Array.isArray(header.files)) throw new BadFrame('the files are not told');
    return listedBeside(
      header.files.flatMap((file) => {
        const [path, bytes] = isObject(file) ? [stringAt(file, 'path'), numberAt(file, 'bytes')] : [];
        return path === undefined || bytes === undefined ? [] : [{ path, bytes }];
      }),
    );
  }

  async remove(path: string): Promise<void> {
    assertBesidePath(path);
    await this.#helper.write((link) => link.request('beside-remove', { release: this.#release, path }));
  }
}
