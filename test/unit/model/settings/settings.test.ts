import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSettings } from '../../../../src/model/records/backup-format.ts';
import { compareSettings, settingsVerdict } from '../../../../src/model/settings/settings.ts';

const STATS = { maxbytes: '67108864', maxconns: '1024', verbosity: '0', inter: 'NULL', oldest: '0' };

function pod(changes: Partial<PodSettings> & { stats?: Record<string, string> } = {}): PodSettings {
  return {
    name: 'x-1',
    workload: 'deployment.apps/x',
    current: true,
    container: 'memcached',
    image: 'memcached:1.6.39',
    command: [],
    args: [],
    env: [],
    ready: true,
    version: '1.6.39',
    ...changes,
    ...(changes.stats === undefined ? { stats: STATS } : { stats: { ...STATS, ...changes.stats } }),
  };
}

function silent(changes: Partial<PodSettings> = {}): PodSettings {
  const { stats: _stats, version: _version, ...rest } = pod(changes);
  return { ...rest, error: 'no answer' };
}

test('within one version every setting is compared', () => {
  const live = pod({ name: 'x-2', stats: { maxconns: '16', extra: 'yes' } });
  assert.deepEqual(compareSettings([pod()], live), {
    compared: 'all',
    differences: [
      { key: 'maxconns', expected: '1024', actual: '16' },
      { key: 'extra', expected: undefined, actual: 'yes' },
    ],
    changedLive: [],
  });
});

test('the moment of the last flush_all is no setting', () => {
  assert.deepEqual(compareSettings([pod()], pod({ stats: { oldest: '734' } })).differences, []);
});

test('between versions only what the arguments name is compared, as the new version prints it', () => {
  const backup = pod({
    args: ['-m', '96', '-f', '1.5'],
    stats: { maxbytes: '100663296', slab_automove: '0' },
  });
  const live = pod({
    version: '1.6.18',
    stats: { maxbytes: '67108864', growth_factor: '1.50', slab_automove: '1' },
  });
  assert.deepEqual(compareSettings([backup], live), {
    compared: 'explicit',
    differences: [{ key: 'maxbytes', expected: '100663296', actual: '67108864' }],
    changedLive: [],
  });
});

test('a backup whose pods did not answer still holds their arguments', () => {
  const backup = silent({ args: ['-c', '2048'] });
  assert.deepEqual(compareSettings([backup], pod()), {
    compared: 'explicit',
    differences: [{ key: 'maxconns', expected: '2048', actual: '1024' }],
    changedLive: [],
  });
});

test('nothing is claimed about a pod that did not answer, or where there is nothing to compare with', () => {
  const nothing = { compared: 'nothing', differences: [], changedLive: [] };
  assert.deepEqual(compareSettings([pod()], silent()), nothing);
  assert.deepEqual(compareSettings([], pod()), nothing);
  assert.deepEqual(compareSettings([silent()], pod()), nothing);
});

test('an answer that holds a value set in the running server is told apart: a restart cannot bring it back', () => {
  const backup = pod({ args: ['-m', '64'], stats: { maxbytes: '134217728', verbosity: '2' } });
  assert.deepEqual(compareSettings([backup], pod()), {
    compared: 'all',
    differences: [],
    changedLive: [
      { key: 'maxbytes', expected: '134217728', actual: '67108864' },
      { key: 'verbosity', expected: '2', actual: '0' },
    ],
  });
});

/** What memcached 1.6 says of what can be changed while it runs, when it was just started without arguments. */
const FRESH = {
  maxbytes: '67108864',
  verbosity: '0',
  detail_enabled: 'no',
  slab_automove: '1',
  slab_automove_ratio: '0.80',
  lru_crawler: 'yes',
  lru_crawler_sleep: '100',
  lru_crawler_tocrawl: '0',
  lru_segmented: 'yes',
  hot_lru_pct: '20',
  warm_lru_pct: '40',
  hot_max_factor: '0.20',
  warm_max_factor: '2.00',
  temp_lru: 'no',
  temporary_ttl: '61',
  track_sizes: 'no',
};

for (const [key, fresh] of Object.entries(FRESH)) {
  test(`${key} that was changed in the running server before the backup is no reason to restart`, () => {
    const backup = pod({ stats: { ...FRESH, [key]: 'other' } });
    assert.deepEqual(compareSettings([backup], pod({ stats: FRESH })), {
      compared: 'all',
      differences: [],
      changedLive: [{ key, expected: 'other', actual: fresh }],
    });
    const since = compareSettings([pod({ stats: FRESH })], backup);
    assert.deepEqual(since.differences, [{ key, expected: fresh, actual: 'other' }], 'changed since: it is');
  });
}

test('a changed setting whose arguments name another value than the default goes by the arguments', () => {
  const args = ['-o', 'hot_lru_pct=15'];
  const backup = pod({ args, stats: { hot_lru_pct: '30' } });
  assert.deepEqual(compareSettings([backup], pod({ args, stats: { hot_lru_pct: '15' } })).differences, []);
  const byDefault = compareSettings([backup], pod({ stats: { hot_lru_pct: '20' } }));
  assert.equal(byDefault.differences.length, 1, 'this pod lacks the argument');
});

test('a live server changed since the backup differs', () => {
  const { differences } = compareSettings(
    [pod({ args: ['-m', '64'] })],
    pod({ stats: { maxbytes: '134217728' } }),
  );
  assert.deepEqual(differences, [{ key: 'maxbytes', expected: '67108864', actual: '134217728' }]);
});

test("an address that is each pod's own is not compared", () => {
  const own = { args: ['-l', '$(POD_IP)'], env: [{ name: 'POD_IP', from: 'fieldRef status.podIP' }] };
  const a = pod({ ...own, stats: { inter: '10.0.0.1' } });
  const b = pod({ ...own, name: 'x-2', stats: { inter: '10.0.0.2' } });
  assert.deepEqual(compareSettings([a], b).differences, []);
  assert.equal(settingsVerdict([a, b]).verdict, 'agree');
});

test('among pods that disagree, the one of the same name counts, then one of the current template', () => {
  const old = pod({ name: 'x-0', current: false, stats: { maxconns: '512' } });
  const recent = pod({ name: 'x-1' });
  assert.deepEqual(compareSettings([old, recent], pod({ name: 'x-9' })).differences, []);
  assert.deepEqual(compareSettings([old, recent], pod({ name: 'x-0' })).differences, [
    { key: 'maxconns', expected: '512', actual: '1024' },
  ]);
});

test('the verdict says whether all pods answered, and alike', () => {
  const two = pod({ name: 'x-2' });
  const odd = pod({ name: 'x-3', stats: { maxconns: '16' } });
  const verdict = (...pods: PodSettings[]) => {
    const { inShort: _, ...said } = settingsVerdict(pods);
    return said;
  };
  assert.deepEqual(verdict(), { verdict: 'none', podsAnswered: 0, podsAsked: 0, differing: [] });
  assert.deepEqual(verdict(pod(), two), { verdict: 'agree', podsAnswered: 2, podsAsked: 2, differing: [] });
  assert.deepEqual(verdict(pod(), silent()), {
    verdict: 'partial',
    podsAnswered: 1,
    podsAsked: 2,
    differing: [],
  });
  assert.deepEqual(verdict(silent()), {
    verdict: 'unreachable',
    podsAnswered: 0,
    podsAsked: 1,
    differing: [],
  });
  assert.deepEqual(verdict(pod(), silent(), odd), {
    verdict: 'differ',
    podsAnswered: 2,
    podsAsked: 3,
    differing: ['maxconns'],
  });
});

test('two workloads of one release may differ from each other', () => {
  const other = pod({ workload: 'statefulset.apps/y', stats: { maxconns: '16' } });
  assert.equal(settingsVerdict([pod(), other]).verdict, 'agree');
});

test('pods of two versions disagree only on what their arguments name', () => {
  const older = pod({ version: '1.6.18', stats: { slab_automove: '0' } });
  assert.equal(settingsVerdict([pod(), older]).verdict, 'agree');
  const told = { args: ['-c', '512'], stats: { maxconns: '512' } };
  assert.deepEqual(settingsVerdict([pod(), pod({ ...told, version: '1.6.18' })]).differing, ['maxconns']);
});
