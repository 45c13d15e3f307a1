import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { JournalEntry } from '../../../src/model/records/journal.ts';
import { type ChainEnd, chainedLine } from '../../../src/store/journal/journal-chain.ts';
import { openJournalFile, readJournals } from '../../../src/store/journal/journal-file.ts';
import { startLine } from '../../unit/store/journal/sample-journal.ts';
import { ADDRESS } from '../../unit/store/sample-backup.ts';

const folder = await mkdtemp(join(tmpdir(), 'memcached-backup-test-'));
after(() => rm(folder, { recursive: true, force: true }));
const START = startLine();
const LOCATION = join(folder, `.restore-${START.id}.jsonl`);
const REF = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'kärt �' };
const ENTRIES: JournalEntry[] = [
  START,
  { type: 'will', at: '2026-11-22T10:15:01Z', action: 'replace', ref: REF },
  { type: 'did', at: '2026-11-22T10:15:02Z', action: 'replace', ref: REF, uid: 'u' },
  { type: 'end', at: '2026-11-22T10:15:03Z', outcome: 'done' },
];

const { append } = await openJournalFile(folder, START.id);
for (const entry of ENTRIES) await append(entry);
const WHOLE = await readFile(LOCATION);

async function readAs(bytes: Buffer): Promise<{ entries?: JournalEntry[]; damage?: string }> {
  await writeFile(LOCATION, bytes);
  const [found] = await readJournals(folder, ADDRESS);
  if (found === undefined) return {};
  return found.journal === undefined ? { damage: found.damage ?? '' } : { entries: found.journal.entries };
}

test('any byte that is another one is noticed, but in a last line that is torn by it', async () => {
  assert.deepEqual((await readAs(WHOLE)).entries, ENTRIES);
  const lastLine = WHOLE.subarray(0, -1).lastIndexOf('\n') + 1;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: WHOLE.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, change) => {
        const bytes = Buffer.from(WHOLE);
        bytes[at] = bytes[at]! ^ change;
        const { entries, damage } = await readAs(bytes);
        const isTorn = at >= lastLine && (at === WHOLE.length - 1 || bytes[at] === 0);
        if (isTorn) assert.deepEqual(entries, ENTRIES.slice(0, -1));
        else assert.match(damage ?? 'none', /line \d|version/);
      },
    ),
    { numRuns: 500 },
  );
});

test('torn anywhere it is what was whole before, and is gone on with', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: WHOLE.length }), async (length) => {
      const whole = WHOLE.subarray(0, length).toString('latin1').split('\n').length - 1;
      const { entries } = await readAs(WHOLE.subarray(0, length));
      assert.deepEqual(entries ?? [], ENTRIES.slice(0, whole));
      const again = await openJournalFile(folder, START.id);
      for (const entry of ENTRIES.slice(whole)) await again.append(entry);
      assert.deepEqual(await readFile(LOCATION), WHOLE, 'the same lines, the same chain');
    }),
    { numRuns: 100 },
  );
});

/** Lines with the keys of real ones and any values. */
const line = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
  fc
    .tuple(
      fc.constantFrom(...ENTRIES),
      fc.dictionary(fc.constantFrom(...Object.keys(START), 'ref', 'action', 'by', 'meant'), fc.jsonValue()),
    )
    .map(([entry, odd]) => ({ ...entry, ...odd })),
);

test('any JSON as a line, chained as it should be, is a journal or named damage, never an error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (lines, startsWell) => {
        let end: ChainEnd = { chain: '', size: 0 };
        const bytes: Buffer[] = [];
        for (const entry of startsWell ? [START, ...lines] : lines) {
          const next = chainedLine(entry, end);
          bytes.push(next.bytes);
          end = next.end;
        }
        const { entries, damage } = await readAs(Buffer.concat(bytes));
        assert.ok(entries !== undefined || (damage ?? '') !== '');
      },
    ),
    { numRuns: 300 },
  );
});
