import { isDeepStrictEqual } from 'node:util';
import { MAX_ARCHIVE_BYTES, unpackArchive } from '../format/archive.ts';
import { Damage } from '../format/damage.ts';
import { checksumLine, sha256 } from '../format/digest.ts';
import { CHECKSUM, DOCUMENT, VERIFIED } from '../format/layout.ts';
import { assertSize } from '../format/size-limits.ts';
import type { StoredFiles } from '../format/stored-files.ts';
import type { BackupAddress } from '../store.ts';
import { archiveKey } from './archive-key.ts';
import type { CatalogedBackup } from './catalog.ts';
import type { BackupEntry, Content } from './catalog-name.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { S3Failure } from './s3-failure.ts';

interface Options {
  address: BackupAddress;
  entry: BackupEntry;
  cataloged: CatalogedBackup;
  /** The key of the entry. */
  key: string;
  /** Makes of a failure of S3 what the user is told. */
  told: (error: unknown) => unknown;
  replaceVerification(text: string | undefined): Promise<void>;
}

/**
 * The files of a backup in a bucket: backup.json is the content of its entry in the catalog, all others come from the
 * archive, which is fetched once, where one of them is asked for.
 */
export class S3Files implements StoredFiles {
  readonly #bucket: S3Bucket;
  readonly #options: Options;
  #document: Promise<Buffer> | undefined;
  #archive: Promise<Map<string, Buffer>> | undefined;

  constructor(bucket: S3Bucket, options: Options) {
    this.#bucket = bucket;
    this.#options = options;
  }

  async read(path: string, maximum: number, expected?: number): Promise<Buffer> {
    const content = await this.#content(path);
    assertSize(path, content.length, maximum, expected);
    return content;
  }

  async size(path: string): Promise<number> {
    return (await this.#content(path)).length;
  }

  async paths(): Promise<string[]> {
    const files = await this.#files();
    const verified = this.#options.cataloged.verifications.length > 0 ? [VERIFIED] : [];
    return [...files.keys(), ...verified].sort();
  }

  replaceVerification(text: string | undefined): Promise<void> {
    return this.#options.replaceVerification(text);
  }

  async #content(path: string): Promise<Buffer> {
    if (path === DOCUMENT) return this.#readDocument();
    // The archive has the line as well; that both are alike is seen when it is read.
    if (path === CHECKSUM) return Buffer.from(checksumLine(this.#options.entry.document.sha256, DOCUMENT));
    if (path === VERIFIED) return this.#readVerified();
    const content = (await this.#files()).get(path);
    if (content === undefined) throw new Damage(`${path} is missing`, { missing: true });
    return content;
  }

  #readDocument(): Promise<Buffer> {
    const { key, entry } = this.#options;
    this.#document ??= this.#fetch(key, entry.document, 'backup.json in the catalog');
    return this.#document;
  }

  async #readVerified(): Promise<Buffer> {
    const { verified } = this.#options.cataloged;
    if (verified === undefined) throw new Damage(`${VERIFIED} is missing`, { missing: true });
    return this.#fetch(verified.object.key, verified.entry.verification, VERIFIED);
  }

  #files(): Promise<Map<string, Buffer>> {
    this.#archive ??= this.#unpack();
    return this.#archive;
  }

  async #unpack(): Promise<Map<string, Buffer>> {
    const { address, entry } = this.#options;
    if (entry.archive.size > MAX_ARCHIVE_BYTES)
      throw new Damage(`its archive has ${entry.archive.size} bytes`);
    const [document, archive] = await Promise.all([
      this.#readDocument(),
      this.#fetch(archiveKey(address), entry.archive, 'its archive'),
    ]);
    const unpacked = await unpackArchive(archive);
    if (!isDeepStrictEqual(unpacked.address, address)) throw new Damage('its archive is of another backup');
    const files = new Map(
      [...unpacked.files].map(([path, content]) => [
        path,
        Buffer.from(content.buffer, content.byteOffset, content.byteLength),
      ]),
    );
    const line = checksumLine(entry.document.sha256, DOCUMENT);
    if (files.get(DOCUMENT)?.equals(document) !== true || files.get(CHECKSUM)?.toString() !== line)
      throw new Damage(`${DOCUMENT} in the archive is another than in the catalog`);
    return files;
  }

  async #fetch(key: string, { size, sha256: digest }: Content, what: string): Promise<Buffer> {
    const content = await this.#bucket.get(key, size).catch((error: unknown) => {
      if (error instanceof S3Failure && error.isMissing)
        throw new Damage(`${what} is missing`, { missing: true });
      throw this.#options.told(error);
    });
    if (content?.length !== size || sha256(content) !== digest)
      throw new Damage(`${what} is not as its name in the catalog says`);
    return content;
  }
}
