import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { askPods } from '../../../src/memcached/ask-pods.ts';
import { lookAtCaches } from '../../../src/memcached/look-at-caches.ts';
import { observePods } from '../../../src/memcached/observe-pods.ts';
import type { Dial } from '../../../src/memcached/open-pod.ts';
import type { PodTarget } from '../../../src/model/settings/pod-settings.ts';
import { podSettings } from '../../support/pod-settings.ts';
import { scripted } from './scripted-stream.ts';

function target(name: string, port = 11211): PodTarget {
  const { stats: _stats, version: _version, ...known } = podSettings(name);
  return { namespace: 'shop', pod: name, port, known };
}

/** Every pod says its own name as its version; "mute" takes a connection and says nothing, "away" takes none. */
function pods(): { dial: Dial; dialled: string[]; most: () => number; written: () => string } {
  const dialled: string[] = [];
  const talks: (() => string)[] = [];
  const streams: Duplex[] = [];
  let most = 0;
  let reads = 0;
  const dial: Dial = async (namespace, pod, port) => {
    dialled.push(`${namespace}/${pod}:${port}`);
    if (pod === 'away') throw new Error('nobody listens');
    const { stream, written } = scripted((text) => {
      if (pod === 'mute') return undefined;
      return text
        .split('\r\n')
        .filter((line) => line !== '')
        .map((line) => {
          if (line === 'version') return `VERSION ${pod}\r\n`;
          if (line === 'stats settings') return `STAT maxbytes 64\r\nEND\r\n`;
          if (line === 'stats') return `STAT get_hits ${5 * ++reads}\r\nEND\r\n`;
          return 'SERVER_ERROR out of memory storing object\r\n';
        });
    });
    streams.push(stream);
    most = Math.max(most, streams.filter(({ destroyed }) => !destroyed).length);
    talks.push(written);
    return stream;
  };
  return { dial, dialled, most: () => most, written: () => talks.map((written) => written()).join() };
}

test('each pod answers for itself, in the order they were named in, sixteen at a time', async () => {
  const { dial, most, written } = pods();
  const names = Array.from({ length: 40 }, (_, index) => `cart-${index}`);
  const answers = await askPods(
    names.map((name) => target(name)),
    dial,
    { timeoutMs: 2000, canary: false },
  );
  assert.deepEqual(
    answers.map(({ settings: { name, version, stats, error } }) => [name, version, stats, error]),
    names.map((name) => [name, name, { maxbytes: '64' }, undefined]),
  );
  assert.equal(most(), 16);
  assert.doesNotMatch(written(), /add |canary/, 'a pod that is only asked gets no item');
});

/** Started with -Y: it knows one user, and answers nobody else. */
const guarded: Dial = async () => {
  let isKnown = false;
  return scripted((text) => {
    if (text.startsWith('set ')) {
      isKnown = text.includes('app new');
      return isKnown ? 'STORED\r\n' : 'CLIENT_ERROR authentication failure\r\n';
    }
    if (!isKnown) return 'CLIENT_ERROR unauthenticated\r\n';
    return text
      .split('\r\n')
      .map(
        (line) =>
          ({ version: 'VERSION 1.6.18\r\n', 'stats settings': 'STAT maxbytes 8\r\nEND\r\n' })[line] ?? '',
      )
      .join('');
  }).stream;
};

test('a server with users is asked as the first one that it knows', async () => {
  const [old, fresh] = ['old', 'new'].map((password) => ({ username: 'app', password }));
  const ask = async (...logins: (typeof old)[]) => {
    const options = { timeoutMs: 500, canary: false, loginsOf: () => logins.flatMap((each) => each ?? []) };
    const [answer] = await askPods([target('cart-0')], guarded, options);
    return answer?.settings;
  };
  assert.deepEqual((await ask(old, fresh))?.stats, { maxbytes: '8' });
  assert.deepEqual((await ask(fresh))?.stats, { maxbytes: '8' });
  for (const logins of [[], [old]]) assert.match((await ask(...logins))?.error ?? '', /user|authentication/);
});

for (const [what, answer] of [
  ['askPods', (targets: PodTarget[], dial: Dial) => askPods(targets, dial, { timeoutMs: 50, canary: false })],
  [
    'observePods',
    (targets: PodTarget[], dial: Dial) =>
      observePods(targets, dial, { timeoutMs: 50, intervalMs: 0 }).observations,
  ],
] as const) {
  test(`${what}: a pod that does not answer is said so, and fails no other`, async () => {
    const { dial, dialled } = pods();
    const targets = [target('mute'), target('away'), target('udp-only', 0), target('cart-0')];
    const errors = (await answer(targets, dial)).map(({ settings }) => settings.error);
    assert.deepEqual(errors, [
      'memcached of pod/mute gave no answer: the server did not answer in time',
      'nobody listens',
      'it listens on no TCP port',
      undefined,
    ]);
    assert.deepEqual(dialled.sort(), ['shop/away:11211', 'shop/cart-0:11211', 'shop/mute:11211']);
  });
}

test('a canary that is refused is told with the answer', async () => {
  const { dial } = pods();
  const [answer] = await askPods([target('cart-0')], dial, { timeoutMs: 2000, canary: true });
  assert.deepEqual(answer?.canary, {
    stored: false,
    readBack: false,
    deleted: false,
    refusal: 'SERVER_ERROR out of memory storing object',
  });
});

test('a pod is looked at twice, and the time between is told', async () => {
  const { dial } = pods();
  const [seen] = await observePods([target('cart-0')], dial, { timeoutMs: 2000, intervalMs: 60 })
    .observations;
  assert.deepEqual([seen?.before, seen?.after], [{ get_hits: '5' }, { get_hits: '10' }]);
  assert.ok(seen!.seconds >= 0.06 && seen!.seconds * 1000 > seen!.answerMs, JSON.stringify(seen));
  assert.equal(seen?.cause, undefined);
  const [silent] = await observePods([target('away')], dial, { timeoutMs: 50, intervalMs: 0 }).observations;
  assert.match(String(silent?.cause), /nobody listens/);
});

test('what a pod runs with is known before it is looked at again', async () => {
  const { dial, written } = pods();
  const targets = ['cart-0', 'away'].map((name) => target(name));
  const { settings, observations } = observePods(targets, dial, { timeoutMs: 2000, intervalMs: 20 });
  const first = await settings;
  const looks = () => [...written().matchAll(/^stats\r\n/gm)].length;
  assert.equal(looks(), 1);
  assert.deepEqual(
    first,
    (await observations).map((seen) => seen.settings),
  );
  assert.equal(looks(), 2);
  assert.deepEqual([first[0]?.stats, first[1]?.error], [{ maxbytes: '64' }, 'nobody listens']);
});

test('a connection that breaks before the answer is made once more, and no more often', async () => {
  const { dial } = pods();
  let broken = 0;
  const breaking: Dial = async (namespace, pod, port, timeoutMs) => {
    if (pod === 'always' || broken === 0) {
      broken++;
      const { stream } = scripted(() => undefined);
      stream.push(null);
      return stream;
    }
    return dial(namespace, pod, port, timeoutMs);
  };
  const options = { timeoutMs: 2000, canary: false };
  const [once] = await askPods([target('once')], breaking, options);
  assert.deepEqual([once?.settings.version, broken], ['once', 1]);
  const [always] = await askPods([target('always')], breaking, options);
  assert.match(always?.settings.error ?? '', /closed the connection/);
  assert.equal(broken, 3);
});

test('where the port is a guess, the first one that speaks memcached is asked, also to observe', async () => {
  const { dial } = pods();
  const tried: number[] = [];
  const guessing: Dial = async (namespace, pod, port, timeoutMs) => {
    tried.push(port);
    if (port === 11333) return dial(namespace, pod, port, timeoutMs);
    if (port === 9150) return scripted(() => ['HTTP/1.1 400 Bad Request\r\n']).stream;
    throw new Error('nobody listens');
  };
  const guess = { ...target('cart', 8080), otherPorts: [9150, 11333, 11211] };
  const [asked] = await askPods([guess], guessing, { timeoutMs: 2000, canary: false });
  assert.deepEqual([asked?.settings.version, asked?.settings.stats], ['cart', { maxbytes: '64' }]);
  assert.deepEqual(tried, [8080, 9150, 11333]);
  const [observed] = await observePods([guess], guessing, { timeoutMs: 2000, intervalMs: 1 }).observations;
  assert.equal(observed?.settings.version, 'cart');
  const [unheard] = await askPods([{ ...guess, otherPorts: [8081] }], guessing, {
    timeoutMs: 2000,
    canary: false,
  });
  assert.equal(unheard?.settings.error, 'nobody listens');
});

test('a look counts what a pod has counted; one that does not answer is left out', async () => {
  const { dial } = pods();
  const [asked] = await askPods([target('cart-0')], dial, { timeoutMs: 2000, canary: false, look: true });
  assert.deepEqual([asked?.look?.pod, asked?.look?.counters.hits], ['cart-0', 5]);
  const looks = await lookAtCaches(
    ['cart-0', 'mute', 'away'].map((name) => target(name)),
    dial,
    50,
  );
  assert.deepEqual(
    looks.map(({ pod, counters }) => [pod, counters.hits]),
    [['cart-0', 10]],
  );
});
