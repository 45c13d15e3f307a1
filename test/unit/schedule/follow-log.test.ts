import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LOG_LIMIT, type LogOptions } from '../../../src/kube/client.ts';
import { FollowedLog } from '../../../src/schedule/follow-log.ts';

const SOURCE = { namespace: 'ops', pod: 'run-x', container: 'backup' };

/** A kubelet that holds these lines, each with its time in front, and heeds whole seconds and the limit. */
function aLog(lines: string[]) {
  const asked: LogOptions[] = [];
  return {
    asked,
    podLog: async (_namespace: string, _pod: string, options: LogOptions): Promise<string> => {
      asked.push(options);
      const from = options.since?.slice(0, 19) ?? '';
      const text = lines
        .filter((line) => line.slice(0, 19) >= from)
        .map((line) => `${line}\n`)
        .join('');
      return text.slice(0, LOG_LIMIT);
    },
  };
}

async function readAll(log: FollowedLog): Promise<string[]> {
  const all: string[] = [];
  for (let calls = 0; calls < 100; calls++) {
    const { lines, isAll } = await log.more();
    all.push(...lines);
    if (isAll) return all;
  }
  throw new Error('it does not end');
}

describe('a log that grows', () => {
  test('gives each line once, also several of one moment, and asks from the last second on', async () => {
    const lines = ['2026-11-26T02:00:01.000000001Z a', '2026-11-26T02:00:01.000000001Z a'];
    const kube = aLog(lines);
    const log = new FollowedLog(kube, SOURCE);
    assert.deepEqual(await log.more(), { lines: ['a', 'a'], isAll: true });
    assert.deepEqual((await log.more()).lines, []);
    lines.push('2026-11-26T02:00:01.000000001Z a', '2026-11-26T02:00:01.5Z b', '2026-11-26T02:00:09Z ');
    assert.deepEqual((await log.more()).lines, ['a', 'b', '']);
    assert.deepEqual(kube.asked.at(-1)?.since, '2026-11-26T02:00:01Z');
  });

  test('also where the node’s times bear its zone', async () => {
    const kube = aLog(['2026-11-26T03:00:01.000000001+01:00 a']);
    const log = new FollowedLog(kube, SOURCE);
    await log.more();
    await log.more();
    assert.equal(kube.asked.at(-1)?.since, '2026-11-26T02:00:01Z');
  });

  test('longer than is read at a time, is read on, nothing lost and nothing twice', async () => {
    const lines = Array.from({ length: 4000 }, (_, index) => {
      const second = new Date(Date.UTC(2026, 10, 26, 2, 0, Math.floor(index / 4)));
      return `${second.toISOString().slice(0, 19)}.00000000${index % 4}Z ${index} ${'x'.repeat(150)}`;
    });
    const read = await readAll(new FollowedLog(aLog(lines), SOURCE));
    assert.equal(read.length, 4000);
    assert.ok(read.every((line, index) => line.startsWith(`${index} `)));
  });

  test('more in one second than is read at a time: what is left out is said, and the rest follows', async () => {
    for (const before of [[], ['2026-11-26T02:00:01.1Z first']]) {
      const long = `2026-11-26T02:00:01.2Z ${'x'.repeat(LOG_LIMIT)}`;
      const read = await readAll(
        new FollowedLog(aLog([...before, long, '2026-11-26T02:00:02.1Z last']), SOURCE),
      );
      assert.equal(read.at(-1), 'last');
      assert.ok(read.some((line) => /left out/.test(line)));
    }
  });

  test('hides what looks like a secret', async () => {
    const kube = aLog(['2026-11-26T02:00:01Z connecting with password=hunter22']);
    assert.deepEqual((await new FollowedLog(kube, SOURCE).more()).lines, ['connecting with password=***']);
  });
});
