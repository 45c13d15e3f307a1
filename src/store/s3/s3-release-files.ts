import { Damage } from '../format/damage.ts';
import { releaseParts } from '../format/layout.ts';
import {
  assertBesideFile,
  assertBesidePath,
  type BesideFile,
  type BesideFolder,
  listedBeside,
  type ReleaseFiles,
} from '../release-files.ts';
import type { ReleaseAddress } from '../store.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { S3Failure } from './s3-failure.ts';

/** Files beside the backups of a release: an object each, below the key of the release. Errors are {@link S3Failure}s. */
export class S3ReleaseFiles implements ReleaseFiles {
  readonly #bucket: S3Bucket;
  /** "CLUSTER/NAMESPACE/RELEASE/" */
  readonly #prefix: string;

  constructor(bucket: S3Bucket, release: ReleaseAddress) {
    this.#bucket = bucket;
    this.#prefix = `${releaseParts(release).join('/')}/`;
  }

  /** S3 shows an object whole or not at all. */
  async write(path: string, content: Uint8Array): Promise<void> {
    assertBesideFile(path, content);
    await this.#bucket.put(this.#prefix + path, Buffer.from(content));
  }

  async read(path: string, maximum: number): Promise<Buffer | undefined> {
    assertBesidePath(path);
    try {
      const content = await this.#bucket.get(this.#prefix + path, maximum);
      if (content === undefined) throw new Damage(`${path} has more than ${maximum} bytes`);
      return content;
    } catch (error) {
      if (error instanceof S3Failure && error.isMissing) return undefined;
      throw error;
    }
  }

  async list(folder: BesideFolder): Promise<BesideFile[]> {
    const found: BesideFile[] = [];
    for await (const { objects } of this.#bucket.list(`${this.#prefix}${folder}/`))
      found.push(...objects.map(({ key, size }) => ({ path: key.slice(this.#prefix.length), bytes: size })));
    return listedBeside(found);
  }

  async remove(path: string): Promise<void> {
    assertBesidePath(path);
    await this.#bucket.remove(this.#prefix + path);
  }
}
