import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventsOf } from '../../../../src/model/kubernetes/event.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', namespace: 'cache', name: 'p' };

function anEvent(about: object, rest: object): KubeObject {
  const involvedObject = { apiVersion: 'v1', kind: 'Pod', namespace: 'cache', name: 'p', uid: 'u', ...about };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject,
    reason: 'R',
    message: 'm',
    ...rest,
  } as KubeObject;
}

describe('the events of an object', () => {
  test('only those about it, the newest first', () => {
    const events = [
      anEvent({}, { reason: 'Old', lastTimestamp: '2026-01-01T00:00:00Z', count: 3 }),
      anEvent({}, { reason: 'New', eventTime: '2026-01-01T00:00:01.5Z', lastTimestamp: null }),
      anEvent({ name: 'q' }, {}),
      anEvent({ kind: 'Job', apiVersion: 'batch/v1' }, {}),
      anEvent({ namespace: 'elsewhere' }, {}),
    ];
    assert.deepEqual(
      eventsOf(events, POD, 'u').map(({ reason, count }) => [reason, count]),
      [
        ['New', 1],
        ['Old', 3],
      ],
    );
  });

  test('not those of a predecessor of the same name; where no uid is known, those too', () => {
    const events = [anEvent({ uid: 'before' }, {})];
    assert.equal(eventsOf(events, POD, 'u').length, 0);
    assert.equal(eventsOf(events, POD).length, 1);
  });

  test('a series counts as often as it was seen, and is as old as its last time', () => {
    const series = { count: 7, lastObservedTime: '2026-01-02T00:00:00.000000Z' };
    const [event] = eventsOf([anEvent({}, { series, eventTime: '2026-01-01T00:00:00Z' })], POD, 'u');
    assert.deepEqual([event?.count, event?.at], [7, '2026-01-02T00:00:00.000000Z']);
  });

  test('the form of events.k8s.io', () => {
    const { involvedObject, message, ...rest } = anEvent({}, {}) as Record<string, unknown>;
    const event = { ...rest, apiVersion: 'events.k8s.io/v1', regarding: involvedObject, note: message };
    assert.deepEqual(
      eventsOf([event as KubeObject], POD).map((each) => each.message),
      ['m'],
    );
  });
});
