import { type FileHandle, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareIds } from '../model/backup-id.ts';
import { JOURNAL_VERSION, type Journal, type JournalEntry, type JournalStart } from '../model/journal.ts';
import { isObject, parseJson } from '../model/json.ts';
import { ensureFolder, syncPath } from './durable-file.ts';
import { errnoOf } from './errno.ts';
import type { JournalWriter } from './store.ts';
import { writeError } from './store-error.ts';

/** Hidden, so that nothing takes it for a backup: ".restore-20261122T101500Z.jsonl". */
const NAME = /^\.restore-(\d{8}T\d{6}Z(?:-\d+)?)\.jsonl$/;

/**
 * Starts a journal in `folder`, or goes on with the one of the same id.
 * @param shown the store as the user named it, for messages.
 */
export async function openJournalFile(
  folder: string,
  id: string,
  shown: string = folder,
): Promise<JournalWriter> {
  await ensureFolder(folder);
  const location = join(folder, `.restore-${id}.jsonl`);
  let last: Promise<void> = Promise.resolve();
  const write = async (entry: JournalEntry): Promise<void> => {
    const handle = await open(location, 'a+', 0o600);
    try {
      await dropTornLine(handle);
      await handle.appendFile(`${JSON.stringify(entry)}\n`);
      await handle.sync();
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
          throw writeError(error, shown);
        }),
      );
      return last;
    },
  };
}

/** What a crash or a full disk tore off would make one line with what comes next, and that one unreadable. */
async function dropTornLine(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  if (size === 0) return;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer.toString() === '\n') return;
  const text = await handle.readFile('latin1');
  await handle.truncate(text.lastIndexOf('\n') + 1);
}

/** Every journal in `folder`, oldest first. A torn last line, as a crash leaves it, is passed over. */
export async function readJournals(folder: string): Promise<Journal[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const journals = await Promise.all(
    names
      .filter((name) => NAME.test(name))
      .map(async (name) => parseJournal(await readFile(join(folder, name), 'utf8'), join(folder, name))),
  );
  return journals
    .filter((journal) => journal !== undefined)
    .sort((a, b) => compareIds(a.start.id, b.start.id));
}

function parseJournal(text: string, location: string): Journal | undefined {
  const entries: JournalEntry[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      const entry = parseJson(line);
      if (isObject(entry)) entries.push(entry as unknown as JournalEntry);
    } catch {
      break;
    }
  }
  const [start] = entries;
  if (start?.type !== 'start' || (start as JournalStart).version !== JOURNAL_VERSION) return undefined;
  entries.splice(1, 0, ...((start as JournalStart).carried ?? []));
  return { start, entries, location };
}
