import { numberAt } from '../../../model/json/json.ts';
import { Damage } from '../../format/damage.ts';
import { VERIFIED } from '../../format/layout.ts';
import { assertSize } from '../../format/size-limits.ts';
import type { StoredFiles } from '../../format/stored-files.ts';
import type { BackupAddress } from '../../store.ts';
import { decodeTold, ToldFiles } from '../wire/told-backup.ts';
import type { Helper } from './helper.ts';

/** An ordinary backup has some 100 KiB: all of it comes in one answer. Of a larger one, files come as they are read. */
const FETCHED_BYTES = 8 * 1024 * 1024;

/** The files of a backup on a claim, as they were when it was opened; verified.json as it is. */
export class PvcFiles implements StoredFiles {
  readonly #helper: Helper;
  readonly #address: BackupAddress;
  readonly #told: (error: unknown, doing: 'read' | 'write') => unknown;
  #fetched: Promise<ToldFiles | undefined> | undefined;

  /** @param told makes what a caller is told of what went wrong. */
  constructor(
    helper: Helper,
    address: BackupAddress,
    told: (error: unknown, doing: 'read' | 'write') => unknown,
  ) {
    this.#helper = helper;
    const { cluster, namespace, release, id } = address;
    this.#address = { cluster, namespace, release, id };
    this.#told = told;
  }

  /** Asks for all that is not too large, for whoever is about to read it. What goes wrong is told where a file is read. */
  fetch(): void {
    this.#fetched ??= this.#ask('fetch', { budget: FETCHED_BYTES })
      .then((answer) => {
        const told = decodeTold(answer);
        return 'files' in told ? new ToldFiles(told.files) : undefined;
      })
      .catch(() => undefined);
  }

  async read(path: string, maximum: number, expected?: number): Promise<Buffer> {
    const fetched = path === VERIFIED ? undefined : await this.#fetched;
    if (fetched?.holds(path) === true) return fetched.read(path, maximum, expected);
    const { body } = await this.#ask('read', {
      path,
      maximum,
      ...(expected === undefined ? {} : { expected }),
    });
    assertSize(path, body.length, maximum, expected);
    return body;
  }

  async size(path: string): Promise<number> {
    const size = numberAt((await this.#ask('size', { path })).header, 'size');
    if (size === undefined) throw new Damage(`the size of ${path} is not told`, { unreadable: true });
    return size;
  }

  async paths(): Promise<string[]> {
    const { paths } = (await this.#ask('paths', {})).header;
    if (!Array.isArray(paths)) throw new Damage('its files are not told', { unreadable: true });
    return paths.map(String);
  }

  async replaceVerification(text: string | undefined): Promise<void> {
    try {
      const request = { address: this.#address, ...(text === undefined ? { removes: true } : {}) };
      await this.#helper.write((link) => link.request('note', request, Buffer.from(text ?? '')));
    } catch (error) {
      throw this.#told(error, 'write');
    }
  }

  async #ask(op: 'read' | 'fetch' | 'size' | 'paths', header: object) {
    try {
      return await this.#helper.read((link) => link.request(op, { address: this.#address, ...header }));
    } catch (error) {
      throw this.#told(error, 'read');
    }
  }
}
