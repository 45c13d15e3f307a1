import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeRevision,
  type HelmRevision,
  type HelmStatus,
} from '../../../../src/model/helm/helm-release.ts';
import { restoredRecord } from '../../../../src/model/helm/restored-record.ts';
import { labelsOf } from '../../../../src/model/kubernetes/object.ts';
import { planHelm, restoreDescription } from '../../../../src/restore/plan/helm-plan.ts';
import { aRevision, type RevisionOptions } from '../../../support/helm-records.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const AN_HOUR_AGO = '2026-11-22T09:00:00Z';
const TWO_MINUTES_AGO = '2026-11-22T10:58:00.5+01:00';

/** Revisions from 1 on whose manifests differ unless `content` says otherwise. */
const history = (...revisions: [HelmStatus, (string | undefined)?, RevisionOptions?][]): HelmRevision[] =>
  revisions.map(([status, content, options], index) =>
    aRevision(index + 1, status, {
      manifest: content ?? `kind: A${index + 1}\n`,
      deployedAt: AN_HOUR_AGO,
      ...options,
    }),
  );
const plan = (backup: HelmRevision[], live: HelmRevision[]) => planHelm(backup, live, NOW);

const BACKUP = history(['superseded'], ['deployed']);

test('without Helm in the backup there is nothing to plan', () => {
  assert.deepEqual(plan([], BACKUP).helm, { action: 'none' });
});

test('where Helm knows nothing, the whole history comes back', () => {
  assert.deepEqual(plan(BACKUP, []).helm, { action: 'create-history', revisions: [1, 2] });
});

test('the same revision, or a later one that installs the same, is kept', () => {
  assert.deepEqual(plan(BACKUP, BACKUP).helm, { action: 'keep', revision: 2 });
  const rolledBack = history(['superseded'], ['superseded'], ['superseded'], ['deployed', 'kind: A2\n']);
  assert.deepEqual(plan(BACKUP, rolledBack).helm, { action: 'keep', revision: 4 });
});

test('where two are deployed, a restore or Helm was cut off: a new revision closes both', () => {
  const live = history(['superseded'], ['deployed'], ['superseded'], ['deployed', 'kind: A2\n']);
  assert.deepEqual(plan(BACKUP, live).helm, {
    action: 'new-revision',
    revision: 5,
    from: 2,
    superseded: [2, 4],
    failed: [],
  });
});

test('a release that moved on gets one new revision above all', () => {
  const live = history(['superseded'], ['superseded'], ['deployed']);
  assert.deepEqual(plan(BACKUP, live), {
    helm: { action: 'new-revision', revision: 4, from: 2, superseded: [3], failed: [] },
    refusals: [],
    warnings: [],
  });
});

test('a failed upgrade is passed over, what is still deployed is superseded', () => {
  const live = history(['superseded'], ['deployed'], ['failed']);
  assert.deepEqual(plan(BACKUP, live).helm, {
    action: 'new-revision',
    revision: 4,
    from: 2,
    superseded: [2],
    failed: [],
  });
});

test('a release that was installed anew gets a new revision too, and loses none of its own', () => {
  const live = history(['deployed', 'kind: New\n']);
  assert.deepEqual(plan(BACKUP, live).helm, {
    action: 'new-revision',
    revision: 2,
    from: 2,
    superseded: [1],
    failed: [],
  });
});

test('a release that was uninstalled with its history kept is deployed again', () => {
  const info = { status: 'uninstalled', deleted: AN_HOUR_AGO };
  const live = history(['superseded'], ['uninstalled', undefined, { document: { info } }]);
  assert.deepEqual(plan(BACKUP, live).helm, {
    action: 'new-revision',
    revision: 3,
    from: 2,
    superseded: [],
    failed: [],
  });
});

test('the backup’s deployed revision is repeated, not the failed one above it', () => {
  const backup = history(['deployed'], ['failed']);
  const live = history(['superseded'], ['failed'], ['deployed']);
  const { helm } = plan(backup, live);
  assert.equal(helm.action === 'new-revision' && helm.from, 1);
});

test('a backup taken over a failed upgrade is kept while nothing moved', () => {
  const both = history(['deployed'], ['failed']);
  assert.deepEqual(plan(both, both).helm, { action: 'keep', revision: 2 });
});

test('an abandoned pending revision is marked failed, and that is said', () => {
  const { helm, refusals, warnings } = plan(
    BACKUP,
    history(['superseded'], ['deployed'], ['pending-upgrade']),
  );
  assert.deepEqual(helm, { action: 'new-revision', revision: 4, from: 2, superseded: [2], failed: [3] });
  assert.deepEqual(refusals, []);
  assert.deepEqual(warnings, [
    'Helm revision 3 has been pending-upgrade for 60 minutes: it will be marked failed',
  ]);
});

test('where somebody may be at work the restore is refused', () => {
  for (const status of ['pending-install', 'pending-upgrade', 'pending-rollback'] as const) {
    const live = history(['superseded'], ['deployed'], [status, undefined, { deployedAt: TWO_MINUTES_AGO }]);
    assert.deepEqual(plan(BACKUP, live).refusals, [
      `Helm revision 3 has been ${status} for 1 minute: somebody may be at work; after 10 minutes it counts as abandoned`,
    ]);
  }
});

test('somebody at work is seen also where the backup holds the same pending revision', () => {
  const both = history(['deployed'], ['pending-upgrade', undefined, { deployedAt: TWO_MINUTES_AGO }]);
  assert.equal(plan(both, both).refusals.length, 1);
  const abandoned = history(['deployed'], ['pending-upgrade']);
  assert.deepEqual(plan(abandoned, abandoned), {
    helm: { action: 'create-history', revisions: [1, 2] },
    refusals: [],
    warnings: [
      'when the backup was taken, Helm revision 2 was pending-upgrade: an operation was under way, or had been cut off; it will be marked failed, so that Helm can go on',
    ],
  });
});

test('once a pending revision of the backup is marked failed, it is as it was restored', () => {
  for (const status of ['pending-install', 'pending-upgrade', 'pending-rollback', 'uninstalling'] as const) {
    const backup = history(['deployed'], [status]);
    assert.deepEqual(plan(backup, []).helm, { action: 'create-history', revisions: [1, 2] });
    const restored = backup.map((revision) => decodeRevision(restoredRecord(revision, NOW)));
    assert.deepEqual(
      restored.map((revision) => [revision.status, labelsOf(revision.record).status]),
      [
        ['deployed', 'deployed'],
        ['failed', 'failed'],
      ],
    );
    assert.deepEqual(plan(backup, restored).helm, { action: 'keep', revision: 2 });
  }
});

test('an uninstall under way is somebody at work; one that hangs is not', () => {
  const uninstalling = (deleted: string) =>
    history(
      ['superseded'],
      ['uninstalling', undefined, { document: { info: { status: 'uninstalling', deleted } } }],
    );
  assert.match(
    plan(BACKUP, uninstalling(TWO_MINUTES_AGO)).refusals[0] ?? '',
    /uninstalling for 1 minute: somebody/,
  );
  assert.deepEqual(plan(BACKUP, uninstalling(AN_HOUR_AGO)).refusals, []);
});

test('what an interrupted restore of ours left pending is no stranger’s work', () => {
  const description = restoreDescription('20261122T101500Z');
  const live = history(
    ['superseded'],
    ['deployed'],
    ['pending-rollback', undefined, { deployedAt: TWO_MINUTES_AGO, description }],
  );
  assert.deepEqual(plan(BACKUP, live).refusals, []);
});

test('a pending revision that does not say since when is abandoned', () => {
  const live = history(
    ['superseded'],
    ['deployed'],
    ['pending-upgrade', undefined, { deployedAt: 'long ago' }],
  );
  assert.deepEqual(plan(BACKUP, live).warnings, [
    'Helm revision 3 has been pending-upgrade: it will be marked failed',
  ]);
});

test('part of the backup’s own history is completed: a restore was cut off', () => {
  assert.deepEqual(plan(BACKUP, BACKUP.slice(0, 1)).helm, { action: 'create-history', revisions: [1, 2] });
});

test('so it is where the restore had begun the newest one, or its rollout did not finish', () => {
  for (const status of ['pending-rollback', 'failed'] as const) {
    const live = [
      ...BACKUP.slice(0, 1),
      aRevision(2, status, { manifest: 'kind: A2\n', deployedAt: AN_HOUR_AGO }),
    ];
    assert.deepEqual(plan(BACKUP, live).helm, { action: 'create-history', revisions: [1, 2] });
  }
});

test('an upgrade that was under way at the backup and is done now has moved on', () => {
  const backup = history(['deployed'], ['pending-upgrade']);
  const live = history(['superseded'], ['deployed']);
  assert.deepEqual(plan(backup, live).helm, {
    action: 'new-revision',
    revision: 3,
    from: 1,
    superseded: [2],
    failed: [],
  });
});
