import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { pushingRun, type SavedRelease } from '../../../src/commands/push-run.ts';
import { ExitCode } from '../../../src/errors/exit-code.ts';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { toolObstacle } from '../../cluster/build/go-tool.ts';
import { aPushContext } from '../../support/metrics/push-context.ts';
import { type Pushgateway, startPushgateway } from '../../support/metrics/pushgateway.ts';

const CART: SavedRelease = {
  namespace: 'shop',
  release: 'cart',
  complete: true,
  at: new Date('2026-11-24T02:00:00Z'),
  bytes: 61_234,
  objects: 9,
};

describe('a real Pushgateway', { skip: toolObstacle('pushgateway') ?? false }, () => {
  const started: Promise<Pushgateway>[] = [];
  const start = (prefix?: string): Promise<Pushgateway> => {
    const gateway = startPushgateway(prefix);
    started.push(gateway);
    return gateway;
  };
  after(async () => {
    for (const gateway of started) await (await gateway)[Symbol.asyncDispose]();
  });

  test('has each release for itself, and a run that fails leaves what succeeded', async () => {
    const gateway = await start();
    const { context, io } = aPushContext();
    const target = { url: new URL(gateway.url), schedule: 'nightly', env: {} };
    await pushingRun(target, context, async (record) => {
      record.saved.push(CART, { ...CART, release: 'session', objects: 4, verifiedAt: CART.at });
      return ExitCode.ok;
    });
    const first = await gateway.metrics();
    const ofCart = 'instance="",job="memcached-backup",namespace="shop",release="cart",store="folder"';
    assert.ok(first.includes(`memcached_backup_newest_objects{${ofCart}} 9\n`), first);
    assert.ok(first.includes(`memcached_backup_newest_verified{${ofCart}} 0\n`), first);
    assert.ok(
      first.includes(`memcached_backup_newest_objects{${ofCart.replace('cart', 'session')}} 4\n`),
      first,
    );
    const ofRun = 'cronjob="nightly",instance="",job="memcached-backup",namespace="shop"';
    assert.ok(first.includes(`memcached_backup_last_run_success{${ofRun}} 1\n`), first);
    const [stamp] = /^memcached_backup_last_success_timestamp_seconds\{.*$/m.exec(first) ?? [];
    assert.ok(stamp);

    await assert.rejects(
      pushingRun(target, context, async (record) => {
        record.saved.push({ ...CART, bytes: 7, verifiedAt: CART.at });
        record.failed = 1;
        throw new ToolError('session could not be saved');
      }),
      /session could not be saved/,
    );
    const second = await gateway.metrics();
    assert.ok(second.includes(`memcached_backup_last_run_success{${ofRun}} 0\n`), second);
    assert.ok(second.includes(`memcached_backup_last_run_failed{${ofRun}} 1\n`), second);
    assert.ok(second.includes(stamp), second);
    assert.ok(second.includes(`memcached_backup_newest_size_bytes{${ofCart}} 7\n`), second);
    assert.ok(second.includes(`memcached_backup_newest_verified{${ofCart}} 1\n`), second);
    assert.ok(
      second.includes(`memcached_backup_newest_objects{${ofCart.replace('cart', 'session')}} 4\n`),
      second,
    );

    // A newer backup, which nobody verified: the time of the older one's verification goes.
    await pushingRun(target, context, async (record) => {
      record.saved.push(CART);
      return ExitCode.ok;
    });
    const third = await gateway.metrics();
    assert.ok(!third.includes(`memcached_backup_newest_verified_timestamp_seconds{${ofCart}}`), third);
    assert.equal(io.stderr, '');
  });

  test('may have a path in front, and takes names that are no plain words', async () => {
    const gateway = await start('/push');
    const { context, io } = aPushContext();
    await pushingRun({ url: new URL(gateway.url), env: {} }, context, async (record) => {
      record.saved.push({ ...CART, namespace: 'a/b', release: 'über "x"\n' });
      return ExitCode.ok;
    });
    assert.match(await gateway.metrics(), /newest_objects\{.*namespace="a\/b",release="über \\"x\\"\\n"/);
    assert.equal(io.stderr, '');
  });
});
