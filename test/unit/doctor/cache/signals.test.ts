import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tool } from '../../../../src/advice/command.ts';
import { cachedPods } from '../../../../src/doctor/cache/cached-pod.ts';
import { judgeConnections } from '../../../../src/doctor/cache/connections.ts';
import { judgeItems } from '../../../../src/doctor/cache/items.ts';
import { judgeListeners } from '../../../../src/doctor/cache/listeners.ts';
import { judgeMemory } from '../../../../src/doctor/cache/memory.ts';
import { judgeRestarts } from '../../../../src/doctor/cache/restarts.ts';
import { gatherSignals, type Judge } from '../../../../src/doctor/cache/signal.ts';
import { judgeSilence } from '../../../../src/doctor/cache/silence.ts';
import { trafficJudge } from '../../../../src/doctor/cache/traffic.ts';
import { ApiError } from '../../../../src/kube/api-error.ts';
import { MemcachedError } from '../../../../src/memcached/memcached-error.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { allSpelled } from '../../spelled.ts';
import { aCachedPod, NOW, type Said } from './a-cached-pod.ts';

const MIB = 2 ** 20;

/** Each said thing, and the codes that the judge makes of it. */
function judged(judge: Judge, cases: [name: string, said: Said, codes: string[]][]): void {
  for (const [name, said, codes] of cases) {
    test(name, () =>
      assert.deepEqual(
        judge(aCachedPod(said), NOW).map(({ code }) => code),
        codes,
      ),
    );
  }
}

describe('connections', () => {
  const open = (current: number, more: Said['stats'] = {}): Said => ({
    stats: { curr_connections: current, max_connections: 1024, reserved_fds: 24, ...more },
  });
  judged(judgeConnections, [
    ['80 % of the usable ones', open(800), []],
    ['more than that', open(801), ['MB611']],
    ['refused now', open(1000, { rejected_connections: [7, 9] }), ['MB610']],
    ['kept waiting now', open(1000, { listen_disabled_num: [0, 1] }), ['MB610']],
    ['refused once', open(10, { rejected_connections: 7 }), ['MB612']],
    ['nothing known', {}, []],
    [
      'our own refused',
      { seen: { cause: new MemcachedError('busy', 'ERROR Too many open connections') } },
      ['MB610'],
    ],
  ]);
});

describe('memory', () => {
  const sized = (limit: string | undefined, request: string, megabytes: number, bytes = 0): Said => ({
    settings: { maxbytes: String(megabytes * MIB) },
    stats: { bytes },
    container: {
      resources: { limits: limit === undefined ? {} : { memory: limit }, requests: { memory: request } },
    },
  });
  judged(judgeMemory, [
    ['1.05 m + 16 MiB of a small cache', sized('84Mi', '64Mi', 64), []],
    ['less', sized('83Mi', '64Mi', 64), ['MB620']],
    ['1.2 m of a large one', sized('1229Mi', '1Gi', 1024), []],
    ['less, and more than what is needed', sized('1228Mi', '1Gi', 1024), ['MB621']],
    ['no limit', sized(undefined, '64Mi', 64), ['MB624']],
    ['a small request', sized('96Mi', '32Mi', 64, 32 * MIB), ['MB623']],
    ['a small request that items exceed', sized('96Mi', '32Mi', 64, 33 * MIB), ['MB622']],
    [
      'a limit stands for a missing request',
      { ...sized('96Mi', '0', 64), container: { resources: { limits: { memory: '96Mi' } } } },
      [],
    ],
    ['what memcached says goes before its arguments', sized('84Mi', '64Mi', 100), ['MB620', 'MB623']],
  ]);
});

describe('items', () => {
  const evicting = (evictions: number, unread: number, active = 0): Said => ({
    stats: { evictions: [5, 5 + evictions], evicted_unfetched: [3, 3 + unread], evicted_active: [0, active] },
  });
  judged(judgeItems, [
    ['none evicted', evicting(0, 0), []],
    ['evicted after they were read', evicting(100, 50), ['MB630']],
    ['evicted unread', evicting(100, 51), ['MB631']],
    ['too few to tell', evicting(9, 9), ['MB630']],
    ['evicted in use', evicting(10, 0, 1), ['MB631']],
    ['refused for memory', { stats: { store_no_memory: [0, 1] } }, ['MB632']],
    ['refused for size', { stats: { store_too_large: [4, 5] } }, ['MB633']],
    ['refused once', { stats: { store_too_large: 4 } }, ['MB634']],
    [
      'one now, the other once',
      { stats: { store_too_large: 4, store_no_memory: [0, 2] } },
      ['MB632', 'MB634'],
    ],
    ['a server that was started anew between the looks', { stats: { evictions: [500, 3] } }, []],
  ]);
});

describe('traffic', () => {
  const reads = (hits: number, misses: number, uptime: number): Said => ({
    stats: { get_hits: [10, 10 + hits], get_misses: [10, 10 + misses], uptime },
  });
  judged(
    trafficJudge(() => tool('doctor', 'cart', '--interval', '30s')),
    [
      ['half of reads hit', reads(50, 50, 600), []],
      ['fewer', reads(49, 51, 600), ['MB635']],
      ['too few reads', reads(0, 99, 600), []],
      ['a cache that is still filling', reads(0, 1000, 599), []],
      ['a slow answer', { seen: { answerMs: 1001 } }, ['MB604']],
      ['one just in time', { seen: { answerMs: 1000 } }, []],
      ['yields', { stats: { conn_yields: [1, 2] } }, ['MB641']],
      ['yields once', { stats: { conn_yields: 2 } }, []],
      ['a growing hash table', { stats: { hash_is_expanding: 1 } }, ['MB642']],
    ],
  );
});

describe('restarts', () => {
  const ended = (reason: string, exitCode: number, finishedAt: string): Said => ({
    status: { restartCount: 2, lastState: { terminated: { reason, exitCode, finishedAt } } },
  });
  judged(judgeRestarts, [
    ['none', { status: { restartCount: 0 } }, []],
    ['killed for memory today', ended('OOMKilled', 137, '2026-11-24T11:00:00Z'), ['MB625']],
    ['killed for memory a while ago', ended('OOMKilled', 137, '2026-11-20T11:00:00Z'), ['MB627']],
    ['crashed today', ended('Error', 139, '2026-11-24T11:00:00Z'), ['MB626']],
    ['stopped today', ended('Completed', 0, '2026-11-24T11:00:00Z'), ['MB627']],
    ['its node was started anew today', ended('Unknown', 255, '2026-11-24T11:00:00Z'), ['MB627']],
  ]);
});

describe('silence', () => {
  const silent = (reason: MemcachedError['reason'], ...args: string[]): Said => ({
    seen: { cause: new MemcachedError(reason, 'no answer') },
    container: { args },
  });
  const UNREADY = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
  const up = (time: string): Said => ({
    pod: UNREADY,
    status: { state: { running: { startedAt: `2026-11-24T${time}Z` } } },
  });
  judged(judgeSilence, [
    ['an answer', {}, []],
    ['none', silent('silent', '-m', '64'), ['MB601']],
    ['none of a pod that is just starting', { ...silent('refused', '-m', '64'), ...up('11:59:31') }, []],
    [
      'none of one that has been running for long',
      { ...silent('refused', '-m', '64'), ...up('11:59:29') },
      ['MB601'],
    ],
    ['none of one that does not run', { ...silent('refused', '-m', '64'), pod: UNREADY }, []],
    ['a password', silent('authentication', '-Y', '/users'), ['MB602']],
    ['SASL', silent('silent', '-S'), ['MB602']],
    ['TLS', silent('refused', '-Z', '-o', 'ssl_key=/key'), ['MB602']],
    ['the binary protocol', silent('silent', '-B', 'binary'), ['MB602']],
    ['only its own address', silent('refused', '-l', '10.1.2.3'), ['MB602']],
    ['only its own address, as its env says', silent('refused', '-l', '$(POD_IP)'), ['MB602']],
    ['every address, or its own and the loopback', silent('refused', '-l', '0.0.0.0'), ['MB601']],
    ['its own and the loopback', silent('refused', '-l', '10.1.2.3,127.0.0.1'), ['MB601']],
    ['every address of IPv6', silent('refused', '-l', '::'), ['MB601']],
    ['no connection left is another matter', silent('busy', '-m', '64'), []],
  ]);
});

test('a pod that went away while it was asked is none', async () => {
  const { pod, workload, seen } = aCachedPod();
  const call = { verb: 'create', group: '', resource: 'pods/portforward', namespace: 'shop', name: 'cart-1' };
  const askedOf = (cause: Error | undefined) =>
    cachedPods({
      namespace: 'shop',
      name: 'cart',
      live: { find: () => pod },
      workloads: [workload],
      observe: async () => [cause === undefined ? seen : { ...seen, cause }],
    });
  assert.equal((await askedOf(undefined)).length, 1);
  assert.equal(
    (await askedOf(new ApiError({ status: 403, reason: 'Forbidden', message: 'no' }, call))).length,
    1,
  );
  assert.deepEqual(
    await askedOf(
      new ApiError({ status: 404, reason: 'NotFound', message: 'pods "cart-1" not found' }, call),
    ),
    [],
  );
});

describe('listeners', () => {
  judged(judgeListeners, [
    ['closed', { settings: { udpport: '0', shutdown_command: 'no' } }, []],
    ['UDP', { settings: { udpport: '11211' } }, ['MB652']],
    ['shutdown', { settings: { shutdown_command: 'yes' } }, ['MB653']],
    [
      'by its arguments, where it does not answer',
      { seen: { cause: new Error('x') }, container: { args: ['-A', '-U', '11211'] } },
      ['MB652', 'MB653'],
    ],
  ]);
});

describe('memory to paste is never less than there is', () => {
  const SET = 'kubectl -n shop set resources deployment.apps/cart -c memcached';
  const KILLED: JsonObject = {
    lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: '2026-11-24T11:00:00Z' } },
  };
  const fixOf = (judge: Judge, limits: string | undefined, requests: string, said: Said = {}) => {
    const resources = {
      requests: { memory: requests },
      ...(limits === undefined ? {} : { limits: { memory: limits } }),
    };
    return allSpelled(judge(aCachedPod({ ...said, container: { resources } }), NOW)[0]?.advice);
  };
  const killed = (limits: string | undefined, requests: string) =>
    fixOf(judgeRestarts, limits, requests, { status: KILLED });

  test('after a kill twice the limit, or what -m needs where that is more', () => {
    assert.deepEqual(killed('512Mi', '64Mi'), [`${SET} --limits=memory=1024Mi`]);
    assert.deepEqual(killed('32Mi', '16Mi'), [`${SET} --limits=memory=84Mi`]);
  });
  test('a request that is as large as its limit stays so', () =>
    assert.deepEqual(killed('512Mi', '512Mi'), [`${SET} --limits=memory=1024Mi --requests=memory=1024Mi`]));
  test('without a limit nothing is limited: the node ran out', () =>
    assert.deepEqual(killed(undefined, '100Mi'), [`${SET} --requests=memory=200Mi`]));
  test('a request goes up with its limit where it would pass it', () => {
    const full = { settings: { maxbytes: String(64 * MIB) }, stats: { bytes: 60 * MIB } };
    assert.deepEqual(fixOf(judgeMemory, '512Mi', '32Mi', full), [`${SET} --requests=memory=84Mi`]);
    assert.deepEqual(
      fixOf((pod) => judgeMemory(pod).slice(1), '70Mi', '32Mi', full),
      [`${SET} --limits=memory=84Mi --requests=memory=84Mi`],
    );
  });
  test('a larger -m asks for a larger limit where there is one that is too small', () => {
    const fullUp: Said = { stats: { store_no_memory: [0, 1] } };
    const [limit, flag] = fixOf(judgeItems, '96Mi', '64Mi', fullUp)!;
    assert.equal(limit, `${SET} --limits=memory=154Mi`);
    assert.match(flag!, /"value":\["-m","128"\]|"value":"128"/);
    assert.equal(fixOf(judgeItems, '512Mi', '64Mi', fullUp)!.length, 1);
    assert.equal(fixOf(judgeItems, undefined, '64Mi', fullUp)!.length, 1);
  });
  test('limits of the pod as a whole are for the editor', () => {
    const resources = { limits: { memory: '70Mi' }, requests: { memory: '70Mi' } };
    const [found, ...more] = judgeMemory(aCachedPod({ container: {}, pod: { spec: { resources } } }));
    assert.deepEqual([found?.code, more], ['MB620', []]);
    assert.deepEqual(allSpelled(found?.advice), ['kubectl -n shop edit deployment.apps/cart']);
  });
});

test('memcached does not start with items larger than half of -m: it is given more first', () => {
  const fixOf = (item_size_max: number) =>
    allSpelled(
      judgeItems(
        aCachedPod({
          stats: { store_too_large: [0, 1] },
          settings: { maxbytes: String(64 * MIB), item_size_max: String(item_size_max) },
        }),
      )[0]!.advice,
    ).map((command) => /"value":"?(\["-I","\d+"\]|\d+)/.exec(command)?.[1]);
  assert.equal(fixOf(16 * MIB).length, 1);
  assert.equal(fixOf(32 * MIB)[0], '128');
  assert.deepEqual(fixOf(2 ** 30), []);
});

test('pods of a workload that suffer alike are one finding', () => {
  const one = aCachedPod({ stats: { evictions: [0, 5], bytes: 0 } });
  const pods = ['cart-1', 'cart-2', 'cart-3'].map((name) => ({ ...one, ref: { ...one.ref, name } }));
  const found = gatherSignals(pods, [judgeItems], NOW);
  assert.equal(found.length, 1);
  assert.equal(found[0]!.summary, '3 of 3 pods: it is full and drops the oldest items');
  assert.equal(found[0]!.object?.name, 'cart');
  assert.match(found[0]!.evidence[2]!.text, /^pod\/cart-3: evictions 5 in 1\.0 s/);
  assert.equal(found[0]!.about.length, 4);
});
