import { isObject, type JsonObject, numberAt, stringAt, valueAt } from '../../../model/json/json.ts';
import { Damage } from '../../format/damage.ts';
import { assertSize } from '../../format/size-limits.ts';
import type { StoredFiles } from '../../format/stored-files.ts';
import type { BackupAddress } from '../../store.ts';
import { addressIn } from './address.ts';
import { BadFrame, type Frame } from './frames.ts';
import { readWireError, wireErrorOf } from './wire-error.ts';

/** One of a backup's files as a listing tells it: its bytes where a listing reads them, else its size; or why not. */
export type ToldFile = { content: Buffer } | { size: number } | { error: Error };

/** A backup in a listing: its files, for whoever listed to judge; or what stands in its place. */
export type ToldBackup =
  | { address: BackupAddress; damage: string }
  | { address: BackupAddress; files: ReadonlyMap<string, ToldFile> };

/** The answer's header, but for its id, and its bytes. */
export function encodeTold(told: ToldBackup): Frame {
  const { cluster, namespace, release, id } = told.address;
  const address = { cluster, namespace, release, id };
  if ('damage' in told) return { header: { address, damage: told.damage }, body: Buffer.alloc(0) };
  const contents: Buffer[] = [];
  const files = [...told.files].map(([path, file]): JsonObject => {
    if ('error' in file) return { path, error: wireErrorOf(file.error) };
    if ('size' in file) return { path, size: file.size };
    contents.push(file.content);
    return { path, bytes: file.content.length };
  });
  return { header: { address, files }, body: Buffer.concat(contents) };
}

/** @throws BadFrame where it is none. */
export function decodeTold({ header, body }: Frame): ToldBackup {
  const address = addressIn(header.address);
  const damage = stringAt(header, 'damage');
  if (damage !== undefined) return { address, damage };
  const { files } = header;
  if (!Array.isArray(files)) throw new BadFrame('a listed backup has no files');
  const told = new Map<string, ToldFile>();
  let at = 0;
  for (const file of files) {
    const path = stringAt(file, 'path');
    if (path === undefined) throw new BadFrame('a listed file has no path');
    const error = valueAt(file, 'error');
    const size = numberAt(file, 'size');
    const bytes = numberAt(file, 'bytes');
    if (isObject(error)) told.set(path, { error: readWireError(error) });
    else if (size !== undefined) told.set(path, { size });
    else if (bytes !== undefined && at + bytes <= body.length) {
      told.set(path, { content: body.subarray(at, at + bytes) });
      at += bytes;
    } else throw new BadFrame(`the listed file ${path} has no bytes`);
  }
  return { address, files: told };
}

/** What a listing told of a backup, to be checked as files that are read. */
export class ToldFiles implements StoredFiles {
  readonly #files: ReadonlyMap<string, ToldFile>;

  constructor(files: ReadonlyMap<string, ToldFile>) {
    this.#files = files;
  }

  /** Whether its bytes are here. */
  holds(path: string): boolean {
    const file = this.#files.get(path);
    return file !== undefined && 'content' in file;
  }

  async read(path: string, maximum: number, expected?: number): Promise<Buffer> {
    const file = this.#find(path);
    if (!('content' in file)) throw new Damage(`${path} was not sent`, { unreadable: true });
    assertSize(path, file.content.length, maximum, expected);
    return file.content;
  }

  async size(path: string): Promise<number> {
    const file = this.#find(path);
    return 'size' in file ? file.size : file.content.length;
  }

  async paths(): Promise<string[]> {
    return [...this.#files.keys()].sort();
  }

  async replaceVerification(): Promise<void> {
    throw new Error('a listing is not written to');
  }

  #find(path: string): Exclude<ToldFile, { error: Error }> {
    const file = this.#files.get(path);
    if (file === undefined) throw new Damage(`${path} is missing`, { missing: true });
    if (!('error' in file)) return file;
    throw file.error instanceof Damage ? file.error : new Damage(file.error.message, { unreadable: true });
  }
}
