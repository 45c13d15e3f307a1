import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { objectAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { aCart, cartWorkload } from './support/fixtures/a-cart.ts';
import { applied, aReleaseWithAuthentication } from './support/fixtures/plain-yaml.ts';
import { ask, fillCache, podsOf, whileRead } from './support/memcached.ts';
import { expectCode } from './support/process.ts';

const cluster = await ensureCluster();

describe('what emptying caches costs', { concurrency: true }, () => {
  test('is said before anything is written: what is in there, and what the database will be asked', async () => {
    await using cart = await aCart(cluster);
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    await kubectl.apply(cartWorkload(cluster, { container: { command: ['memcached', '-m', '9'] } }));
    await kubectl.ok('rollout', 'status', 'deployment/cart');
    const [pod] = await podsOf(kubectl, 'cart');
    const unread = expectCode(await cli.run('restore', 'cart', '--dry-run'));
    assert.match(unread.stdout, /Empties 1 cache: .*\n {4}Nothing is in there; nobody has read it\./);
    await fillCache(kubectl, pod!, 500);

    const [{ plan }, report] = await whileRead(
      kubectl,
      pod!,
      async () =>
        [
          await cli.json(['restore', 'cart', '--dry-run']),
          expectCode(await cli.run('restore', 'cart', '--yes')),
        ] as const,
    );

    const cost = objectAt(plan, 'emptyingCost') ?? {};
    const { items, hitRatio, hitsPerSecond, seconds } = cost as Record<string, number>;
    assert.equal(items, 500);
    assert.ok(Math.abs(hitRatio! - 0.75) < 0.02, `three of four reads hit: ${hitRatio}`);
    assert.ok(hitsPerSecond! > 3 && seconds! >= 1, `${hitsPerSecond} hits a second in ${seconds} s`);
    assert.match(
      report.stderr,
      /In there: 500 items \(\d+ KiB\); 7\d % of reads hit: [\d.]+ requests a second will go to the database instead, until it is filled again\./,
    );
  });

  test('is counted of servers that ask for a password, where it lies in a Secret of the release', async () => {
    await using guarded = await applied(cluster, aReleaseWithAuthentication(cluster));
    const { cli, kubectl, secrets } = guarded;
    await cli.ok('backup', 'guarded');
    const command = ['memcached', '-m', '9', '-Y', '/etc/memcached/users'];
    const path = '/spec/template/spec/containers/0/command';
    const patch = JSON.stringify([{ op: 'replace', path, value: command }]);
    await kubectl.ok('patch', 'deployment', 'guarded', '--type=json', '-p', patch);
    await kubectl.ok('rollout', 'status', 'deployment/guarded');
    const pods = await podsOf(kubectl, 'guarded', { label: 'app=guarded' });
    const token = `app ${secrets[0]}`;
    const stored = await ask(kubectl, pods[0]!, `set auth 0 0 ${token.length}`, token, 'set a 0 0 1', 'x');
    assert.equal(stored.match(/^STORED$/gm)?.length, 2);

    const { plan } = await cli.json(['restore', 'guarded', '--dry-run']);

    const cost = objectAt(plan, 'emptyingCost') ?? {};
    assert.deepEqual(cost.unanswered, undefined);
    assert.equal(cost.items, 1);
  });
});
