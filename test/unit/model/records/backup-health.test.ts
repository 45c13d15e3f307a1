import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Health } from '../../../../src/model/records/backup-format.ts';
import { isHealthy, whyUnhealthy } from '../../../../src/model/records/backup-health.ts';

const AGREE = { verdict: 'agree' as const, podsAnswered: 2, podsAsked: 2, differing: [] };

function why(health: Partial<Health>, podsAsked = 2, hollow = false): string[] {
  return whyUnhealthy({
    health: { podsReady: 2, podsWanted: 2, drift: [], ...health },
    settings: { ...AGREE, podsAsked },
    hollow,
  });
}

test('a backup of a release that was up is healthy, with drift, without Helm, and with pods that do not answer', () => {
  const health = { podsReady: 2, podsWanted: 2, drift: ['configmap/x: data'] };
  assert.ok(isHealthy({ health, settings: AGREE }));
  assert.deepEqual(why({ releaseStatus: 'deployed' }), []);
  assert.deepEqual(
    whyUnhealthy({ health, settings: { ...AGREE, verdict: 'unreachable', podsAnswered: 0 } }),
    [],
  );
});

for (const { name, health, podsAsked, hollow, expected } of [
  { name: 'pods not ready', health: { podsReady: 1 }, expected: ['1 of 2 pods was ready'] },
  {
    name: "Helm's release failed",
    health: { releaseStatus: 'failed' },
    expected: ["Helm's release was failed"],
  },
  {
    name: 'old pods serve while the new ones crash',
    health: { unfinished: ['deployment.apps/cart: 1 of 2 pods are of the new template', 'x', 'y'] },
    podsAsked: 3,
    expected: [
      'a rollout was not finished (deployment.apps/cart: 1 of 2 pods are of the new template; and 2 more)',
    ],
  },
  {
    name: 'the same of a backup that does not tell of rollouts',
    health: {},
    podsAsked: 3,
    expected: ['a rollout was not finished (3 pods for 2)'],
  },
  {
    name: 'scaled to nothing',
    health: { podsReady: 0, podsWanted: 0 },
    podsAsked: 0,
    expected: ['it was scaled to no pod'],
  },
  { name: 'gone', health: {}, hollow: true, expected: ['there was nothing of memcached left'] },
]) {
  test(`a backup is not healthy: ${name}`, () => {
    assert.deepEqual(why(health, podsAsked, hollow), expected);
  });
}
