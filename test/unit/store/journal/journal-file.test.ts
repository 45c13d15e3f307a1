import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  type Journal,
  type JournalEntry,
  type ListedJournal,
  soundJournals,
} from '../../../../src/model/records/journal.ts';
import { openJournalFile, readJournals as readListed } from '../../../../src/store/journal/journal-file.ts';
import { ADDRESS } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { startLine } from './sample-journal.ts';

const REF = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'cart' };
const intent = (action: string): JournalEntry => ({ type: 'will', at: '', action, ref: REF });

const listed = (folder: string): Promise<ListedJournal[]> => readListed(folder, ADDRESS);

/** Those of a folder in which every journal is sound. */
async function readJournals(folder: string): Promise<Journal[]> {
  const all = await listed(folder);
  assert.deepEqual(
    all.flatMap(({ damage }) => damage ?? []),
    [],
  );
  return soundJournals(all);
}

/** A journal of three lines, as it was written. */
async function aJournalFile(t: TestContext): Promise<{ folder: string; location: string; bytes: Buffer }> {
  const folder = await temporaryFolder(t);
  const { append, location } = await openJournalFile(folder, startLine().id);
  for (const entry of [startLine(), intent('create'), intent('replace')]) await append(entry);
  return { folder, location, bytes: await readFile(location) };
}

describe('a journal file', () => {
  test('is read back line by line, in order, and is private', async (t) => {
    const folder = await temporaryFolder(t);
    const start = startLine();
    const journal = await openJournalFile(folder, start.id);
    await Promise.all([
      journal.append(start),
      journal.append(intent('create')),
      journal.append(intent('replace')),
    ]);
    const [read] = await readJournals(folder);
    assert.deepEqual(read?.entries, [start, intent('create'), intent('replace')]);
    assert.equal((await stat(journal.location)).mode & 0o777, 0o600);
  });

  test('is gone on with under the same id', async (t) => {
    const folder = await temporaryFolder(t);
    const start = startLine();
    await (await openJournalFile(folder, start.id)).append(start);
    await (await openJournalFile(folder, start.id)).append(intent('create'));
    const journals = await readJournals(folder);
    assert.equal(journals.length, 1);
    assert.equal(journals[0]?.entries.length, 2);
  });

  test('loses only its last line where a crash tore that', async (t) => {
    const folder = await temporaryFolder(t);
    const start = startLine();
    const { append, location } = await openJournalFile(folder, start.id);
    await append(start);
    await append(intent('create'));
    const line = JSON.stringify(intent('replace'));
    const whole = await readFile(location, 'utf8');
    for (let length = 0; length < line.length; length += 7) {
      await writeFile(location, whole + line.slice(0, length));
      const [read] = await readJournals(folder);
      assert.deepEqual(read?.entries, [start, intent('create')], `${length} bytes of the last line`);
    }
  });

  test('is gone on with after a torn line, which then no longer is in the way', async (t) => {
    const folder = await temporaryFolder(t);
    const start = startLine();
    const { append, location } = await openJournalFile(folder, start.id);
    await append(start);
    await appendFile(location, '{"type":"will","at":"');
    await (await openJournalFile(folder, start.id)).append(intent('replace'));
    const [read] = await readJournals(folder);
    assert.deepEqual(read?.entries, [start, intent('replace')]);
  });

  test('counts as none where its very first line is torn: nothing had been written then', async (t) => {
    const folder = await temporaryFolder(t);
    await appendFile(join(folder, '.restore-20261122T101500Z.jsonl'), '{"type":"start","vers');
    assert.deepEqual(await readJournals(folder), []);
  });

  test('shows what it took up from a restore that was cut off before its own entries', async (t) => {
    const folder = await temporaryFolder(t);
    const carried = [{ type: 'will' as const, at: '', action: 'create', ref: REF }];
    const start = startLine({ carried });
    const journal = await openJournalFile(folder, start.id);
    await journal.append(start);
    await journal.append(intent('replace'));
    const [read] = await readJournals(folder);
    assert.deepEqual(read?.entries.slice(1), [intent('create'), intent('replace')]);
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

  test('is noticed to be edited, cut, turned round, or of another place', async (t) => {
    const { folder, location, bytes } = await aJournalFile(t);
    const lines = bytes.toString().trimEnd().split('\n');
    const edits: [string[], RegExp][] = [
      [[lines[0]!, lines[1]!.replace('create', 'delete'), lines[2]!], /^line 2 is not as it was written/],
      [[lines[0]!, lines[2]!], /^line 2 is not/],
      [[lines[0]!, lines[2]!, lines[1]!], /^line 2 is not/],
      [[lines[1]!, lines[2]!], /^line 1 is not/],
      [[lines[0]!.replace('"version":2', '"version":1')], /^its version 1 is older than 2/],
      [[lines[0]!.replace('"version":2', '"version":3')], /^its version 3 is newer than 2/],
    ];
    for (const [edit, why] of edits) {
      await writeFile(location, `${edit.join('\n')}\n`);
      const [found, ...others] = await listed(folder);
      assert.deepEqual(others, []);
      assert.match(found?.damage ?? 'none', why);
      assert.equal(found?.journal, undefined);
    }
    await writeFile(location, bytes);
    const [elsewhere] = await readListed(folder, { ...ADDRESS, release: 'other' });
    assert.match(
      elsewhere?.damage ?? 'none',
      /it says that it is 3f6c2a10\/shop\/cart\/.*: it was moved or renamed/,
    );
    await rename(location, join(folder, '.restore-20270101T000000Z.jsonl'));
    assert.match((await listed(folder))[0]?.damage ?? 'none', /it was moved or renamed/);
  });

  test('is not gone on with where it is damaged', async (t) => {
    const { folder, location, bytes } = await aJournalFile(t);
    const edited = Buffer.from(bytes.toString().replace('create', 'delete'));
    await writeFile(location, edited);
    const again = await openJournalFile(folder, startLine().id);
    await assert.rejects(
      again.append(intent('delete')),
      /can't write to the journal .*line 2 is not as it was/,
    );
    assert.deepEqual(await readFile(location), edited, 'nothing was put after it');
  });

  test('with a line that no tool writes is refused, the chain made anew', async (t) => {
    const odd: unknown[] = [
      { type: 'will', at: '', action: 'create' },
      { type: 'will', at: '', action: 'create', ref: null },
      { type: 'did', at: '', action: 'create', ref: { ...REF, name: 7 } },
      { type: 'unheard', at: '' },
      { type: 'end' },
      { no: 'type' },
    ];
    for (const line of odd) {
      const folder = await temporaryFolder(t);
      const { append } = await openJournalFile(folder, startLine().id);
      await append(startLine());
      await append(line as JournalEntry);
      assert.match((await listed(folder))[0]?.damage ?? 'none', /^line 2: /, JSON.stringify(line));
    }
    for (const plan of [null, {}, { ...startLine().plan, objects: [{ action: 'create' }] }]) {
      const folder = await temporaryFolder(t);
      await (await openJournalFile(folder, startLine().id)).append(startLine({ plan: plan as never }));
      assert.match((await listed(folder))[0]?.damage ?? 'none', /^line 1: \/plan/, JSON.stringify(plan));
    }
  });

  test('is a plain file: pipes, folders, links and huge files of its name are named, and the others read', async (t) => {
    const { folder, location } = await aJournalFile(t);
    const named = (second: number): string => join(folder, `.restore-20261122T10160${second}Z.jsonl`);
    execFileSync('mkfifo', [named(1)]);
    await mkdir(named(2));
    await symlink(location, named(3));
    await symlink('/nowhere', named(4));
    await writeFile(named(5), '');
    execFileSync('truncate', ['--size=70M', named(5)]);
    const found = await listed(folder);
    assert.deepEqual(
      found.map(({ journal, damage }) => journal?.start.id ?? damage?.replace(/^\S+ /, '')),
      [
        startLine().id,
        'is not a file',
        'is not a file',
        'is a symbolic link or behind one',
        'has 73400320 bytes, at most 67108864 are read',
      ],
    );
    for (const second of [1, 2, 3]) {
      const writer = await openJournalFile(folder, `20261122T10160${second}Z`);
      await assert.rejects(
        writer.append(startLine()),
        /can't write to the journal .*(not a file|symbolic link)/,
      );
    }
    await rm(named(1));
  });

  test('is no backup, and a folder that does not exist has none', async (t) => {
    assert.deepEqual(await readJournals(join(await temporaryFolder(t), 'none')), []);
  });
});
