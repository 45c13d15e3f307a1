import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../../src/errors/tool-error.ts';
import { parsePvcLocation, pvcLocation } from '../../../../src/store/pvc/pvc-location.ts';
import { spelled } from '../../spelled.ts';

test('a claim is named with its namespace and a folder, or without', () => {
  const cases: [string, string | undefined, string, string[], string][] = [
    ['pvc://backups', undefined, 'backups', [], 'pvc://here/backups'],
    ['PVC://backups/', undefined, 'backups', [], 'pvc://here/backups'],
    ['pvc://ops/backups', 'ops', 'backups', [], 'pvc://ops/backups'],
    [
      'pvc://ops/backups/eu/memcached',
      'ops',
      'backups',
      ['eu', 'memcached'],
      'pvc://ops/backups/eu/memcached',
    ],
    ['pvc:///backups/eu', undefined, 'backups', ['eu'], 'pvc://here/backups/eu'],
    ['pvc:///my.backups', undefined, 'my.backups', [], 'pvc://here/my.backups'],
  ];
  for (const [location, namespace, claim, folder, whole] of cases) {
    const place = parsePvcLocation(location);
    assert.deepEqual(place, { namespace, claim, folder }, location);
    assert.equal(pvcLocation(namespace ?? 'here', place), whole);
    assert.deepEqual(
      parsePvcLocation(whole),
      { ...place, namespace: namespace ?? 'here' },
      'it leads to the same',
    );
  }
});

test('what names no claim is refused', () => {
  for (const location of [
    'pvc:',
    'pvc://',
    'pvc:///',
    'pvc://Backups',
    'pvc://a/b/..',
    'pvc://a/b/../c',
    'pvc://a/b//c',
    'pvc://a/b/.hidden',
    'pvc://a.b/c',
    'pvc://../c',
    'pvc://a/b?x',
    'pvc://a b',
    `pvc://${'a'.repeat(254)}`,
  ])
    assert.throws(
      () => parsePvcLocation(location),
      (error) => error instanceof UsageError && /pvc:\/\/NAMESPACE\/CLAIM/.test(spelled(error.next)),
      location,
    );
});
