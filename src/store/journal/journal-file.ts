import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { advice } from '../../advice/advice.ts';
import { shell } from '../../advice/command.ts';
import { mapLimited } from '../../errors/map-limited.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { parseJsonWithin } from '../../model/json/bounded-json.ts';
import { isObject, type Json } from '../../model/json/json.ts';
import { BeyondLimit, type JsonLimits, MAX_DEPTH } from '../../model/json/limits.ts';
import { compareIds, isBackupId } from '../../model/records/backup-id.ts';
import {
  JOURNAL_VERSION,
  type Journal,
  type JournalEntry,
  type JournalStart,
  type ListedJournal,
} from '../../model/records/journal.ts';
import { syncPath } from '../durable-file.ts';
import { errnoOf } from '../errno.ts';
import { readInner } from '../folder/safe-read.ts';
import { Damage } from '../format/damage.ts';
import { MAX_JOURNAL_BYTES } from '../format/layout.ts';
import type { JournalWriter, ReleaseAddress } from '../store.ts';
import { writeError } from '../store-error.ts';
import { type ChainEnd, chainedLine, readChain } from './journal-chain.ts';
import { idOfJournal, journalName } from './journal-name.ts';
import { lineChecker } from './journal-schema.ts';

/** Journals read at once: each may be large. */
const AT_ONCE = 4;

/**
 * Starts a journal in `folder`, which exists, or goes on with the one of the same id. Each line is on the disk before
 * `append` returns.
 * @param shown the store as the user named it, for messages.
 */
export async function openJournalFile(
  folder: string,
  id: string,
  shown: string = folder,
): Promise<JournalWriter> {
  const location = join(folder, journalName(id));
  let last: Promise<void> = Promise.resolve();
  let end: ChainEnd | undefined;
  const write = async (entry: JournalEntry): Promise<void> => {
    const handle = await openPlain(location);
    try {
      const { size } = await handle.stat();
      // Another size than was left: it is new here, was gone on with elsewhere, or lost its last line to a full disk.
      if (end?.size !== size) end = await endOf(handle, { size, location });
      if ((entry.type === 'start') !== (end.size === 0)) throw new Damage('it does not begin with its plan');
      const line = chainedLine(entry, end);
      if (line.end.size > MAX_JOURNAL_BYTES) {
        throw new Damage(`it would have ${line.end.size} bytes, at most ${MAX_JOURNAL_BYTES} are read`);
      }
      await handle.appendFile(line.bytes);
      await handle.sync();
      end = line.end;
    } finally {
      await handle.close();
    }
    if (entry.type === 'start') await syncPath(folder);
  };
  return {
    location,
    append: (entry) => {
      last = last.then(() =>
        write(entry).catch((error: unknown) => {
          throw error instanceof Damage ? notAppended(location, error) : writeError(error, shown);
        }),
      );
      return last;
    },
  };
}

/** One that is gone already counts as removed. @throws Error of the operating system. */
export async function removeJournalFile(folder: string, id: string): Promise<void> {
  if (!isBackupId(id)) throw new Error(`"${id}" is not the id of a journal`);
  await rm(join(folder, journalName(id)), { force: true });
}

/** O_NONBLOCK: a named pipe of that name would be waited for. @throws Damage where it is no plain file. */
async function openPlain(location: string): Promise<FileHandle> {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  let handle: FileHandle;
  try {
    handle = await open(location, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    if (errnoOf(error) === 'ELOOP') throw new Damage('it is a symbolic link');
    if (['EISDIR', 'ENXIO'].includes(errnoOf(error) ?? '')) throw new Damage('it is not a file');
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Damage('it is not a file');
}

/**
 * Where the whole lines end. What a crash or a full disk tore off goes: it would make one line with what comes next,
 * and that one unreadable.
 * @throws Damage where they are not as they were written: nothing is put after that.
 */
async function endOf(
  handle: FileHandle,
  { size, location }: { size: number; location: string },
): Promise<ChainEnd> {
  if (size > MAX_JOURNAL_BYTES)
    throw new Damage(`it has ${size} bytes, at most ${MAX_JOURNAL_BYTES} are read`);
  const { end } = readChain(await handle.readFile());
  // Windows lets no handle that appends shorten its file.
  if (end.size < size)
    await (process.platform === 'win32' ? truncate(location, end.size) : handle.truncate(end.size));
  return end;
}

function notAppended(location: string, { message }: Damage): ToolError {
  return new ToolError(`can't write to the journal ${location}: ${message}`, {
    untouched: 'nothing was done that it does not hold',
    next: advice`look at it, and move it away: ${shell('ls', '-ld', location)}`,
  });
}

/**
 * Every journal in `folder`, oldest first. A torn last line, as a crash leaves it, is passed over; what is no journal
 * as one was written is listed with what is wrong.
 * @param address whose journals lie there.
 */
export async function readJournals(folder: string, address: ReleaseAddress): Promise<ListedJournal[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const listed = await mapLimited(names, AT_ONCE, async (name): Promise<ListedJournal[]> => {
    const id = idOfJournal(name);
    if (id === undefined) return [];
    const location = join(folder, name);
    try {
      const journal = await readJournal(folder, name, { ...address, id });
      return journal === undefined ? [] : [{ id, location, journal }];
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      return error.missing ? [] : [{ id, location, damage: error.message }];
    }
  });
  return listed.flat().sort((a, b) => compareIds(a.id, b.id));
}

/** A line holds an object as it was, or all that a restore planned. */
const LINE_LIMITS: JsonLimits = {
  bytes: MAX_JOURNAL_BYTES,
  values: 500_000,
  depth: MAX_DEPTH,
  members: 1_000,
};

/** @returns undefined where not even its first line is whole: nothing had been done then. @throws Damage */
async function readJournal(
  folder: string,
  name: string,
  address: ReleaseAddress & { id: string },
): Promise<Journal | undefined> {
  const bytes = await readInner(folder, name, MAX_JOURNAL_BYTES);
  assertKnownVersion(bytes);
  const check = await lineChecker();
  const entries = readChain(bytes).lines.map((text, index) => {
    const value = parseLine(text);
    const wrong = value instanceof Error ? value.message : check(value);
    if (wrong !== undefined) throw new Damage(`line ${index + 1}: ${wrong}`);
    return value as unknown as JournalEntry;
  });
  const [start, ...others] = entries;
  if (start === undefined) return undefined;
  if (start.type !== 'start' || others.some(({ type }) => type === 'start')) {
    throw new Damage('its first line, and no other, is to hold the plan');
  }
  assertLocation(start, address);
  entries.splice(1, 0, ...(start.carried ?? []));
  return { start, entries, location: join(folder, name) };
}

/** Before the chain: that of another version may well be another. */
function assertKnownVersion(bytes: Buffer): void {
  const feed = bytes.indexOf(0x0a);
  const first = feed < 0 ? null : parseLine(bytes.toString('utf8', 0, feed));
  const version =
    !(first instanceof Error) && isObject(first) && first.type === 'start' ? first.version : JOURNAL_VERSION;
  if (typeof version !== 'number' || version === JOURNAL_VERSION) return;
  const than = version < JOURNAL_VERSION ? 'older' : 'newer';
  throw new Damage(`its version ${version} is ${than} than ${JOURNAL_VERSION}, which this tool reads`);
}

/** @returns what is wrong with it, where it can't be read. */
function parseLine(text: string): Json | Error {
  try {
    return parseJsonWithin(Buffer.from(text), LINE_LIMITS);
  } catch (error) {
    return error instanceof BeyondLimit ? error : new SyntaxError('it is no JSON');
  }
}

/** One that was copied or moved would be undone as something it is not. */
function assertLocation(start: JournalStart, address: ReleaseAddress & { id: string }): void {
  const { plan } = start;
  const said = [start.cluster, start.namespace, start.release, start.id].join('/');
  const found = [address.cluster, address.namespace, address.release, address.id].join('/');
  if (said !== found) throw new Damage(`it says that it is ${said}: it was moved or renamed`);
  if (plan.namespace.name !== start.namespace || plan.backup.release !== start.release) {
    throw new Damage(`its plan is of ${plan.backup.release} in ${plan.namespace.name}`);
  }
}
