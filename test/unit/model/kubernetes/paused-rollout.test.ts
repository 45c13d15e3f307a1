import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { pausedRollout } from '../../../../src/model/kubernetes/paused-rollout.ts';

const workload = (kind: string, spec: JsonObject) => ({ apiVersion: 'apps/v1', kind, spec });

describe('a workload whose pods do not follow its template by themselves', () => {
  test('OnDelete: new pods come where somebody deletes the old ones', () => {
    for (const kind of ['StatefulSet', 'DaemonSet']) {
      const onDelete = workload(kind, { updateStrategy: { type: 'OnDelete' } });
      const { restartHelps, next } = pausedRollout(onDelete)!;
      assert.equal(restartHelps, true);
      assert.equal(next, 'add --restart, or delete them one by one');
      assert.equal(pausedRollout(onDelete, 'undo')?.next, 'delete them one by one', 'undo has no --restart');
    }
  });

  test('paused, or beyond a partition: a deleted pod comes back as it was', () => {
    assert.equal(pausedRollout(workload('Deployment', { paused: true }))?.restartHelps, false);
    const partitioned = workload('StatefulSet', { updateStrategy: { rollingUpdate: { partition: 1 } } });
    assert.equal(pausedRollout(partitioned)?.restartHelps, false);
  });

  test('rolling updates, and a partition of nothing, hold nothing back', () => {
    assert.equal(pausedRollout(workload('Deployment', { paused: false })), undefined);
    const all = { type: 'RollingUpdate', rollingUpdate: { partition: 0 } };
    assert.equal(pausedRollout(workload('StatefulSet', { updateStrategy: all })), undefined);
  });
});
