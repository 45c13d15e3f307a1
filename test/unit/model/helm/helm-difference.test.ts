import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type HelmDifference,
  helmDifference,
  isHelmChanged,
} from '../../../../src/model/helm/helm-difference.ts';
import type { HelmRevision, HelmStatus } from '../../../../src/model/helm/helm-release.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';

function revision(number: number, changes: JsonObject = {}, status: HelmStatus = 'deployed'): HelmRevision {
  const chart = { metadata: { name: 'memcached', version: '0.4.0', appVersion: '1.6.39' } };
  return {
    driver: 'secret',
    record: {},
    name: 'm',
    revision: number,
    status,
    document: { manifest: 'kind: Service\n', config: {}, chart, hooks: [], ...changes },
  };
}

/** What differs once Helm is at `live`. */
function changes(live: HelmRevision): HelmDifference['changes'] | undefined {
  return helmDifference([revision(1)], [revision(1), live])?.changes;
}

test('the same revision is no difference', () => {
  assert.equal(helmDifference([revision(1)], [revision(1)]), undefined);
  assert.equal(helmDifference([], []), undefined);
});

test('a later revision that installs the same is told, and is no change', () => {
  const difference = helmDifference([revision(1)], [revision(1), revision(2)]);
  assert.deepEqual(difference?.changes, ['revision']);
  assert.equal(isHelmChanged(difference), false);
});

test('chart, values, manifest, hooks and templates are told apart', () => {
  const newer = { metadata: { name: 'memcached', version: '0.5.0', appVersion: '1.6.39' } };
  assert.deepEqual(changes(revision(2, { chart: newer })), ['revision', 'chart']);
  assert.deepEqual(changes(revision(2, { config: { a: 1 } })), ['revision', 'values']);
  assert.deepEqual(changes(revision(2, { manifest: 'kind: Secret\n' })), ['revision', 'manifest']);
  assert.deepEqual(changes(revision(2, { hooks: [{ name: 'h', manifest: 'x' }] })), ['revision', 'hooks']);
  const chart = { ...(revision(1).document.chart as JsonObject), templates: [{ name: 't', data: 'eA==' }] };
  assert.deepEqual(changes(revision(2, { chart })), ['revision', 'templates']);
});

test('a pending upgrade is a change of status', () => {
  assert.deepEqual(changes(revision(2, {}, 'pending-upgrade')), ['revision', 'status']);
});

test('a release that Helm no longer knows, or knows only now', () => {
  assert.deepEqual(helmDifference([revision(1)], [])?.changes, ['release']);
  assert.equal(isHelmChanged(helmDifference([], [revision(1)])), true);
});

test('values hold digests in place of secrets', () => {
  const config = { auth: { password: 'hunter22' }, replicas: 2 };
  const difference = helmDifference([revision(1)], [revision(2, { config })]);
  assert.deepEqual(difference?.values?.before, {});
  assert.doesNotMatch(JSON.stringify(difference), /hunter22/);
  assert.match(JSON.stringify(difference?.values?.after), /"replicas":2/);
});

test('whatever differs is shown, and no secret with it', () => {
  const secret = (password: string) =>
    `kind: Secret\napiVersion: v1\nmetadata:\n  name: s\nstringData:\n  p: ${password}\n`;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const chart = (changes: JsonObject): JsonObject => ({
    chart: { ...(revision(1).document.chart as JsonObject), ...changes },
  });
  const pairs: [JsonObject, JsonObject][] = [
    [{ manifest: secret('hunter22') }, { manifest: secret('hunter23') }],
    [{ manifest: '{password: hunter22' }, { manifest: '{password: hunter23' }],
    [
      { hooks: [{ name: 'h', manifest: secret('hunter22') }] },
      { hooks: [{ name: 'h', manifest: secret('hunter23') }] },
    ],
    [{ hooks: [{ name: 'h', weight: 1 }] }, { hooks: [{ name: 'h', weight: 2 }] }],
    [
      chart({ templates: [{ name: 't', data: base64('password: hunter22') }] }),
      chart({ templates: [{ name: 't', data: base64('password: hunter23') }] }),
    ],
    [chart({ files: [{ name: 'f', data: '/w==' }] }), chart({ files: [{ name: 'f', data: '/v8=' }] })],
    [chart({ values: { password: 'hunter22' } }), chart({ values: { password: 'hunter23' } })],
    [chart({ metadata: { name: 'm', icon: 'a' } }), chart({ metadata: { name: 'm', icon: 'b' } })],
    [{ manifest: '' }, { manifest: 'kind: A\n' }],
  ];
  for (const [before, after] of pairs) {
    const difference = helmDifference([revision(1, before)], [revision(1, after)]);
    assert.equal(difference?.parts?.length, 1, JSON.stringify(before));
    const [part] = difference.parts;
    assert.notEqual(part?.before, part?.after);
    assert.doesNotMatch(JSON.stringify(difference), /hunter2/);
  }
});
