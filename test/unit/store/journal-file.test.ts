import assert from 'node:assert/strict';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { JournalEntry } from '../../../src/model/journal.ts';
import { openJournalFile, readJournals } from '../../../src/store/journal-file.ts';
import { startLine } from './sample-journal.ts';
import { temporaryFolder } from './temporary-folder.ts';

const REF = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'cart' };
const will = (action: string): JournalEntry => ({ type: 'will', at: '', action, ref: REF });

describe('a journal file', () => {
  test('is read back line by line, in order, and is private', async (t) => {
    const folder = await temporaryFolder(t);
    const start = startLine();
    const journal = await openJournalFile(folder, start.id);
    await Promise.all([
      journal.append(start),
      journal.append(will('create')),
      journal.append(will('replace')),
    ]);
    const [read] = await readJournals(folder);
    assert.deepEqual(read?.entries, [start, will('create'), will('replace')]);
    assert.equal((await stat(journal.location)).mode & 0o777, 0o600);
  });

  test('is gone on with under the same id', async (t) => {
    const folder = await temporaryFolder(t);
    const start = startLine();
    await (await openJournalFile(folder, start.id)).append(start);
    await (await openJournalFile(folder, start.id)).append(will('create'));
    const journals = await readJournals(folder);
    assert.equal(journals.length, 1);
    assert.equal(journals[0]?.entries.length, 2);
  });

  test('loses only its last line where a crash tore that', async (t) => {
    const folder = await temporaryFolder(t);
    const start = startLine();
    const { append, location } = await openJournalFile(folder, start.id);
    await append(start);
    await append(will('create'));
    const line = JSON.stringify(will('replace'));
    const whole = await readFile(location, 'utf8');
    for (let length = 0; length < line.length; length += 7) {
      await writeFile(location, whole + line.slice(0, length));
      const [read] = await readJournals(folder);
      assert.deepEqual(read?.entries, [start, will('create')], `${length} bytes of the last line`);
    }
  });

  test('is gone on with after a torn line, which then no longer is in the way', async (t) => {
    const folder = await temporaryFolder(t);
    const start = startLine();
    const { append, location } = await openJournalFile(folder, start.id);
    await append(start);
    await appendFile(location, '{"type":"will","at":"');
    await (await openJournalFile(folder, start.id)).append(will('replace'));
    const [read] = await readJournals(folder);
    assert.deepEqual(read?.entries, [start, will('replace')]);
  });

  test('counts as none where its very first line is torn: nothing had been written then', async (t) => {
    const folder = await temporaryFolder(t);
    await appendFile(join(folder, '.restore-20261122T101500Z.jsonl'), '{"type":"start","vers');
    assert.deepEqual(await readJournals(folder), []);
  });

  test('shows what it took up from a restore that was cut off before its own deeds', async (t) => {
    const folder = await temporaryFolder(t);
    const carried = [{ type: 'will' as const, at: '', action: 'create', ref: REF }];
    const start = startLine({ carried });
    const journal = await openJournalFile(folder, start.id);
    await journal.append(start);
    await journal.append(will('replace'));
    const [read] = await readJournals(folder);
    assert.deepEqual(read?.entries.slice(1), [will('create'), will('replace')]);
  });

  test('comes after that of the same second which was there before, and "-10" after "-9"', async (t) => {
    const folder = await temporaryFolder(t);
    const ids = ['20261122T101500Z', '20261122T101500Z-2', '20261122T101500Z-9', '20261122T101500Z-10'];
    for (const id of ids) await (await openJournalFile(folder, id)).append(startLine({ id }));
    const read = await readJournals(folder);
    assert.deepEqual(
      read.map(({ start }) => start.id),
      ids,
    );
  });

  test('is no backup, and a folder that does not exist has none', async (t) => {
    assert.deepEqual(await readJournals(join(await temporaryFolder(t), 'none')), []);
  });
});
