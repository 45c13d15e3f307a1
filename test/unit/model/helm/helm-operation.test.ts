import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mayBeAtWork, operationBegan } from '../../../../src/model/helm/helm-operation.ts';
import type { HelmRevision, HelmStatus } from '../../../../src/model/helm/helm-release.ts';
import { aRevision } from '../../../support/helm-records.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const MINUTE = 60_000;

function revision(status: HelmStatus, info: { last_deployed?: string; deleted?: string }): HelmRevision {
  const made = aRevision(1, status, {});
  return { ...made, status, document: { ...made.document, info: { status, ...info } } };
}

describe('somebody may be at work with Helm', () => {
  const ago = (minutes: number): string => new Date(NOW.getTime() - minutes * MINUTE).toISOString();
  const cases: [string, HelmRevision, boolean][] = [
    ['for ten minutes of an upgrade', revision('pending-upgrade', { last_deployed: ago(9) }), true],
    ['and no longer', revision('pending-upgrade', { last_deployed: ago(10) }), false],
    [
      'of an uninstall since it began, not since the release was deployed',
      revision('uninstalling', { last_deployed: ago(600), deleted: ago(1) }),
      true,
    ],
    ['not where the record does not say since when', revision('pending-install', {}), false],
    ['nor where it says something else', revision('pending-rollback', { last_deployed: 'soon' }), false],
    ['nor where the operation has ended', revision('deployed', { last_deployed: ago(1) }), false],
  ];
  for (const [name, made, expected] of cases) {
    test(name, () => assert.equal(mayBeAtWork(made, NOW), expected));
  }
  test('and when it began is what Helm notes', () => {
    assert.equal(operationBegan(revision('uninstalling', { last_deployed: 'a', deleted: 'b' })), 'b');
    assert.equal(operationBegan(revision('pending-upgrade', { last_deployed: 'a', deleted: 'b' })), 'a');
  });
});
