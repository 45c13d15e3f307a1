import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { podDemand } from '../../../../src/restore/plan/pod-demand.ts';

const MI = 2 ** 20;
const container = (memory: string, more: JsonObject = {}): JsonObject => ({
  name: 'c',
  resources: { requests: { memory } },
  ...more,
});
const memoryOf = (spec: JsonObject) => podDemand(spec).get('requests.memory');

describe('what a pod counts for', () => {
  test('is the sum of its containers, under each of its names', () => {
    const demand = podDemand({ containers: [container('8Mi'), container('4Mi')] });
    assert.deepEqual(Object.fromEntries(demand), {
      pods: 1,
      'count/pods': 1,
      'requests.memory': 12 * MI,
      memory: 12 * MI,
    });
  });

  test('is the largest init container where that is more', () => {
    const containers = [container('8Mi')];
    assert.equal(memoryOf({ containers, initContainers: [container('20Mi'), container('3Mi')] }), 20 * MI);
    assert.equal(memoryOf({ containers, initContainers: [container('3Mi')] }), 8 * MI);
  });

  test('counts init containers that go on beside the others, also for the init containers after them', () => {
    const sidecar = container('5Mi', { restartPolicy: 'Always' });
    const containers = [container('8Mi')];
    assert.equal(memoryOf({ containers, initContainers: [sidecar] }), 13 * MI);
    assert.equal(memoryOf({ containers, initContainers: [sidecar, container('20Mi')] }), 25 * MI);
    assert.equal(memoryOf({ containers, initContainers: [container('20Mi'), sidecar] }), 20 * MI);
  });

  test('adds the overhead of its runtime class', () => {
    assert.equal(memoryOf({ containers: [container('8Mi')], overhead: { memory: '2Mi' } }), 10 * MI);
  });

  test('takes a limit for a request that is missing', () => {
    const demand = podDemand({ containers: [{ name: 'c', resources: { limits: { cpu: '500m' } } }] });
    assert.equal(demand.get('requests.cpu'), 0.5);
    assert.equal(demand.get('limits.cpu'), 0.5);
  });
});
