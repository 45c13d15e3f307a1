import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NotDurable } from '../../../../src/store/durable-file.ts';
import { Damage } from '../../../../src/store/format/damage.ts';
import { Refused, readWireError, wireErrorOf } from '../../../../src/store/pvc/wire/wire-error.ts';
import { UnreadableStore } from '../../../../src/store/store-error.ts';
import { serveFolder, storeAt } from '../../../support/pvc/served-claim.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const overTheWire = (error: unknown): Error => readWireError(JSON.parse(JSON.stringify(wireErrorOf(error))));
const system = (code: string) => Object.assign(new Error(`${code}: no`), { code });

describe('what went wrong in the pod', () => {
  test('is the same for the client', () => {
    const damage = overTheWire(new Damage('x is missing', { missing: true }));
    assert.ok(damage instanceof Damage && damage.missing && !damage.unreadable);
    assert.equal(damage.message, 'x is missing');
    const full = overTheWire(system('ENOSPC'));
    assert.deepEqual([full.message, (full as NodeJS.ErrnoException).code], ['ENOSPC: no', 'ENOSPC']);
    const notDurable = overTheWire(new NotDurable(system('EIO')));
    assert.ok(notDurable instanceof NotDurable && notDurable.code === 'EIO');
    const other = overTheWire(new Error('no such request'));
    assert.ok(other instanceof Refused && other.message === 'no such request');
  });

  test('is an error whatever the server says of it', () => {
    assert.ok(readWireError({}) instanceof Refused);
    assert.ok(readWireError({ kind: 'x', message: 5 }) instanceof Refused);
    assert.equal(readWireError({ message: 'x'.repeat(10_000) }).message.length, 2_000);
    const odd = readWireError({ kind: 'system', message: 'm', code: 'rm -rf' }) as NodeJS.ErrnoException;
    assert.equal(odd.code, 'EIO');
  });

  test('is told with the store that it is about, never with a path of the pod', async (t) => {
    const root = await temporaryFolder(t);
    await using served = await serveFolder(`${root}/nowhere`);
    const store = storeAt(served.port, served.token);
    await assert.rejects(store.list({}), (error: Error) => {
      assert.match(error.message, /^the store pvc:\/\/shop\/backups does not exist/);
      assert.ok(!error.message.includes(root) && !(error instanceof UnreadableStore));
      return true;
    });
    await store.close();
  });
});
