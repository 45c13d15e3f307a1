import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { UnreachableError } from '../../../../src/errors/tool-error.ts';
import { DamagedBackup } from '../../../../src/store/format/damage.ts';
import { OtherProtocol } from '../../../../src/store/pvc/client/link.ts';
import type { PvcStore } from '../../../../src/store/pvc/pvc-store.ts';
import { encodeFrame, type Frame, framesOf } from '../../../../src/store/pvc/wire/frames.ts';
import { PROTOCOL } from '../../../../src/store/pvc/wire/protocol.ts';
import { storeAt } from '../../../support/pvc/served-claim.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';

type Answer = (request: Frame, say: (header: object, body?: Buffer) => void, socket: Socket) => void;

/** A store whose server answers hello, and to all else what it is told to. */
async function aStore(t: TestContext, answer: Answer, protocol = PROTOCOL): Promise<PvcStore> {
  const server = createServer(async (socket) => {
    socket.on('error', () => {});
    const frames = framesOf(socket, 1 << 20);
    try {
      for await (const frame of frames) {
        const { id, op } = frame.header;
        const say = (header: object, body?: Buffer): void => {
          for (const piece of encodeFrame({ id, ...header }, body)) socket.write(piece);
        };
        if (op === 'hello') say({ protocol });
        else answer(frame, say, socket);
      }
    } catch {
      // The client hung up.
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const store = storeAt((server.address() as { port: number }).port, Buffer.alloc(32));
  t.after(async () => {
    await store.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return store;
}

describe('a server that is not what it should be', () => {
  const lies: [string, Answer][] = [
    ['answers what nobody asked', (_, say) => say({ id: 4711 })],
    ['answers with garbage', (_frame, _say, socket) => void socket.end('no message at all, but long enough')],
    ['hangs up', (_frame, _say, socket) => void socket.destroy()],
    [
      'tells of another release',
      (_, say) => {
        say({ more: true, address: { ...ADDRESS, release: 'other' }, files: [] });
        say({});
      },
    ],
    [
      'tells of a backup without an address',
      (_, say) => {
        say({ more: true, address: {}, files: [] });
        say({});
      },
    ],
    [
      'promises bytes that it does not send',
      (_, say) => {
        say({ more: true, address: ADDRESS, files: [{ path: 'backup.json', bytes: 10 }] }, Buffer.from('{}'));
        say({});
      },
    ],
  ];
  for (const [name, answer] of lies)
    test(`is an error where it ${name}`, async (t) => {
      const store = await aStore(t, answer);
      await assert.rejects(store.list({ release: ADDRESS.release }), (error) => {
        assert.ok(error instanceof UnreachableError, String(error));
        assert.match(error.message, /^can't read the store pvc:\/\/shop\/backups: /);
        return true;
      });
    });

  for (const [name, answered] of [
    ['does not say whether the backup got its name', {}],
    ['says of every name that it is taken', { taken: true }],
  ] as const)
    test(`is no place to save to where it ${name}`, async (t) => {
      const store = await aStore(t, ({ header }, say) => {
        if (header.op === 'begin') say({ save: 1 });
        else say(header.op === 'commit' ? answered : {});
      });
      await assert.rejects(writeSample(store), /^UnwritableStore: can't write to the store pvc:/);
    });

  test('can not pass off a backup: what it sends is held to the digests', async (t) => {
    const store = await aStore(t, ({ header }, say) => {
      if (header.op === 'look') say({ is: 'folder' });
      else say({}, Buffer.from(header.path === 'backup.json' ? '{"formatVersion":1}' : 'x'));
    });
    await assert.rejects(store.open(ADDRESS), DamagedBackup);
  });

  test('can not send more than was asked for', async (t) => {
    const store = await aStore(t, ({ header }, say) => {
      if (header.op === 'look') say({ is: 'folder' });
      else say({}, Buffer.alloc(20 * 1024 * 1024));
    });
    await assert.rejects(store.open(ADDRESS), /at most 16777216 are read/);
  });

  test('is not talked to where it is of another version', async (t) => {
    const store = await aStore(t, () => assert.fail('nothing is asked'), PROTOCOL + 1);
    await assert.rejects(store.list({}), (error: Error) => {
      assert.ok(error instanceof OtherProtocol);
      assert.equal(error.message, `it speaks protocol ${PROTOCOL + 1}, this tool ${PROTOCOL}`);
      return true;
    });
  });
});
