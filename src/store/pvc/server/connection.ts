import { createHash, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type JsonObject, numberAt, stringAt, valueAt } from '../../../model/json/json.ts';
import { isInnerPath, MAX_FILE_BYTES, RESERVED } from '../../format/layout.ts';
import { BESIDE_FOLDERS, isBesidePath, MAX_BESIDE_BYTES } from '../../release-files.ts';
import { addressIn, partialAddressIn, releaseIn } from '../wire/address.ts';
import { BadFrame, encodeFrame, type Frame, framesOf, REQUEST_HEADER_BYTES } from '../wire/frames.ts';
import { HELLO, OPS, type Op, PROTOCOL } from '../wire/protocol.ts';
import { encodeTold } from '../wire/told-backup.ts';
import { Refused, wireErrorOf } from '../wire/wire-error.ts';
import type { ClaimCondition, ClaimFolder } from './claim-folder.ts';
import type { OpenSave } from './open-save.ts';

/** Requests under way at once, and their bytes: what comes above that waits in the connection. */
const MAX_REQUESTS = 32;
const MAX_BYTES = 32 * 1024 * 1024;

/** Backups being written at once. */
const MAX_SAVES = 16;

/** What an answer says beside its id, and its bytes. */
type Answer = { header?: JsonObject; body?: Uint8Array };

/** Who may ask for anything. */
export interface Admission {
  /** sha256 of the token that a client has to show. */
  tokenDigest: Buffer;
}

/**
 * Answers one client until its connection ends. What it left unfinished is removed then.
 * @throws BadFrame where it does not speak the protocol, or has not the token.
 */
export async function serveConnection(
  stream: Duplex,
  folder: ClaimFolder,
  admission: Admission,
): Promise<void> {
  // Its end is seen where it is read.
  stream.on('error', () => {});
  const connection = new Connection(stream, folder);
  try {
    await connection.serve(admission);
  } finally {
    await connection.end();
    stream.destroy();
  }
}

class Connection {
  readonly #stream: Duplex;
  readonly #folder: ClaimFolder;
  readonly #saves = new Map<number, OpenSave>();
  readonly #working = new Set<Promise<void>>();
  #workingBytes = 0;
  #lastSave = 0;

  constructor(stream: Duplex, folder: ClaimFolder) {
    this.#stream = stream;
    this.#folder = folder;
  }

  async serve({ tokenDigest }: Admission): Promise<void> {
    let isKnown = false;
    for await (const frame of framesOf(this.#stream, REQUEST_HEADER_BYTES)) {
      const id = numberAt(frame.header, 'id');
      if (id === undefined) throw new BadFrame('a request has no id');
      if (!isKnown) {
        assertAdmitted(frame.header, tokenDigest);
        isKnown = true;
        await this.#send({ id, protocol: PROTOCOL });
        continue;
      }
      await this.#take(id, frame);
    }
  }

  /** Lets what is under way end, and removes what was not finished. */
  async end(): Promise<void> {
    await Promise.all(this.#working);
    await Promise.all([...this.#saves.values()].map((save) => save.abort()));
  }

  /** Begins a request; waits until there is room for another one. */
  async #take(id: number, frame: Frame): Promise<void> {
    const bytes = frame.body.length;
    this.#workingBytes += bytes;
    const work = this.#work(id, frame).finally(() => {
      this.#working.delete(work);
      this.#workingBytes -= bytes;
    });
    this.#working.add(work);
    while (this.#working.size >= MAX_REQUESTS || (this.#workingBytes > MAX_BYTES && this.#working.size > 0))
      await Promise.race(this.#working);
  }

  /** Never throws: what goes wrong is an answer. */
  async #work(id: number, { header, body }: Frame): Promise<void> {
    try {
      const op = OPS.find((each) => each === header.op);
      if (op === undefined) throw new Refused('there is no such request');
      const answer = await this.#do(op, { id, header, body });
      await this.#send({ id, ...answer.header }, answer.body);
    } catch (error) {
      await this.#send({ id, error: wireErrorOf(error) });
    }
  }

  async #do(op: Op, { id, header, body }: Frame & { id: number }): Promise<Answer> {
    const folder = this.#folder;
    switch (op) {
      case 'ping':
        return {};
      case 'list':
        await folder.list(partialAddressIn(header.filter), async (told) => {
          const answer = encodeTold(told);
          await this.#send({ id, more: true, ...answer.header }, answer.body);
        });
        return {};
      case 'look':
        return { header: { is: await folder.look(addressIn(header.address)) } };
      case 'read': {
        const files = await folder.files(addressIn(header.address));
        const maximum = Math.min(numberAt(header, 'maximum') ?? 0, MAX_FILE_BYTES);
        return { body: await files.read(pathIn(header), maximum, numberAt(header, 'expected')) };
      }
      case 'fetch': {
        const budget = Math.min(numberAt(header, 'budget') ?? 0, MAX_BYTES);
        return encodeTold(await folder.fetch(addressIn(header.address), budget));
      }
      case 'size':
        return {
          header: { size: await (await folder.files(addressIn(header.address))).size(pathIn(header)) },
        };
      case 'paths':
        return { header: { paths: await (await folder.files(addressIn(header.address))).paths() } };
      case 'note': {
        const text = valueAt(header, 'removes') === true ? undefined : body.toString();
        await folder.note(addressIn(header.address), text);
        return {};
      }
      case 'begin':
        return { header: { save: await this.#begin(header) } };
      case 'file':
        await this.#saveIn(header).write(stringAt(header, 'path') ?? '', body);
        return {};
      case 'commit': {
        const isDone = await this.#saveIn(header).commit(
          stringAt(header, 'as') ?? '',
          ownFiles(header, body),
        );
        if (isDone) this.#saves.delete(numberAt(header, 'save') ?? 0);
        return { header: { taken: !isDone } };
      }
      case 'abort': {
        const save = this.#saveIn(header);
        this.#saves.delete(numberAt(header, 'save') ?? 0);
        await save.abort();
        return {};
      }
      case 'remove':
        await folder.remove(addressIn(header.address));
        return {};
      case 'sweep':
        await folder.sweep(releaseIn(header.release));
        return {};
      case 'condition':
        return { header: conditionOf(await folder.condition()) };
      case 'beside-write':
        await folder.beside(releaseIn(header.release)).write(besidePathIn(header), body);
        return {};
      case 'beside-read': {
        const maximum = Math.min(numberAt(header, 'maximum') ?? 0, MAX_BESIDE_BYTES);
        const found = await folder.beside(releaseIn(header.release)).read(besidePathIn(header), maximum);
        return found === undefined ? { header: { there: false } } : { header: { there: true }, body: found };
      }
      case 'beside-list': {
        const asked = BESIDE_FOLDERS.find((each) => each === header.folder);
        if (asked === undefined) throw new Refused('there is no such folder');
        const files = await folder.beside(releaseIn(header.release)).list(asked);
        return { header: { files: files.map(({ path, bytes }) => ({ path, bytes })) } };
      }
      case 'beside-remove':
        await folder.beside(releaseIn(header.release)).remove(besidePathIn(header));
        return {};
    }
  }

  async #begin(header: JsonObject): Promise<number> {
    if (this.#saves.size >= MAX_SAVES) throw new Refused(`at most ${MAX_SAVES} backups are written at once`);
    const save = await this.#folder.begin(addressIn(header.address));
    this.#saves.set(++this.#lastSave, save);
    return this.#lastSave;
  }

  #saveIn(header: JsonObject): OpenSave {
    const save = this.#saves.get(numberAt(header, 'save') ?? 0);
    if (save === undefined) throw new Refused('no such backup is being written');
    return save;
  }

  /** Waits until it is on its way: a client that does not read gets no more answers than that. */
  #send(header: object, body?: Uint8Array): Promise<void> {
    const [first, ...others] = encodeFrame(header, body);
    const stream = this.#stream;
    return new Promise((resolve) => {
      // Whoever does not listen any more misses nothing.
      if (first === undefined || stream.destroyed || !stream.writable) return resolve();
      stream.once('close', resolve);
      const done = (): void => {
        stream.off('close', resolve);
        resolve();
      };
      stream.write(first, others.length === 0 ? done : undefined);
      for (const other of others) stream.write(other, done);
    });
  }
}

function assertAdmitted(header: JsonObject, tokenDigest: Buffer): void {
  if (header.op !== HELLO) throw new BadFrame('it does not say hello');
  const token = Buffer.from(stringAt(header, 'token') ?? '', 'hex');
  if (!timingSafeEqual(createHash('sha256').update(token).digest(), tokenDigest))
    throw new BadFrame('it has not the token');
}

function pathIn(header: JsonObject): string {
  const path = stringAt(header, 'path') ?? '';
  if (!isInnerPath(path) && !RESERVED.has(path)) throw new Refused(`"${path}" can not be a file of a backup`);
  return path;
}

function besidePathIn(header: JsonObject): string {
  const path = stringAt(header, 'path') ?? '';
  if (!isBesidePath(path)) throw new Refused(`"${path}" is no file beside the backups of a release`);
  return path;
}

function ownFiles(header: JsonObject, body: Buffer): Map<string, Buffer> {
  const { own } = header;
  if (!Array.isArray(own)) throw new BadFrame('a backup ends without its own files');
  let at = 0;
  return new Map(
    own.map((file): [string, Buffer] => {
      const [path, size] = [stringAt(file, 'path') ?? '', numberAt(file, 'size') ?? 0];
      const content = body.subarray(at, at + size);
      at += size;
      if (content.length !== size) throw new BadFrame(`${path} is not all there`);
      return [path, content];
    }),
  );
}

/** What only this machine can tell; commands to act on it are the client's business. */
function conditionOf({ unwritable, room, leftovers }: ClaimCondition): JsonObject {
  return {
    ...(unwritable === undefined ? {} : { unwritable: wireErrorOf(unwritable) }),
    ...(room?.freeBytes === undefined ? {} : { freeBytes: room.freeBytes }),
    ...(room?.capacityBytes === undefined ? {} : { capacityBytes: room.capacityBytes }),
    ...(room?.freeFiles === undefined ? {} : { freeFiles: room.freeFiles }),
    leftovers: leftovers.map(({ location, at }) => ({ location, at })),
  };
}
