import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RestoreSource } from '../../../../src/backup/source.ts';
import {
  decodeRevision,
  type HelmRevision,
  type HelmStatus,
} from '../../../../src/model/helm/helm-release.ts';
import { displayName, labelsOf } from '../../../../src/model/kubernetes/object.ts';
import { withLiveRecords } from '../../../../src/restore/plan/left-out-secrets.ts';
import type { PlanInput } from '../../../../src/restore/plan/plan-input.ts';
import { ModelServer } from '../../../support/api-server.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aLiveRelease } from '../../../support/live-release.ts';
import { aDeployment, aSecret, aService, type Fixture, NAMESPACE } from '../../../support/objects.ts';
import { podSettings } from '../../../support/pod-settings.ts';
import { namesOf, planWith } from '../../../support/restore-model.ts';
import { aSource, saved } from '../../../support/restore-source.ts';

const CART = aDeployment('cart').served();
const LOGIN = aSecret('login', { password: 'hunter22' }).served();
const AUTH = aSecret('auth', { a: 'b' }).served();
const V1 = aRevision(1, 'superseded', { manifest: namesOf([CART]), config: { replicas: 1 } });
const V2 = aRevision(2, 'deployed', { manifest: namesOf([CART, LOGIN]), config: { replicas: 2 } });
const V2_SUPERSEDED = aRevision(2, 'superseded', {
  manifest: namesOf([CART, LOGIN]),
  config: { replicas: 2 },
});
const V3 = aRevision(3, 'deployed', { manifest: namesOf([CART, LOGIN, AUTH]), config: { replicas: 3 } });

/** Of revision 2, without Secrets. */
function aBackup({ records = [V1, V2], type = 'Opaque' } = {}): RestoreSource {
  const source = aSource([saved(CART)], { pods: [podSettings('cart-1')] });
  const newest = records.at(-1)!;
  const chart = { name: 'memcached', version: '1.2.3' };
  return {
    ...source,
    document: {
      ...source.document,
      complete: false,
      helm: { driver: 'secret', revision: newest.revision, status: newest.status, chart, revisions: [] },
      withoutSecrets: {
        objects: [
          {
            ...{ apiVersion: 'v1', kind: 'Secret', name: 'login', role: 'owned' },
            why: 'x',
            type,
            keys: ['password', 'user'],
          },
        ],
        records: records.map(({ revision, status }) => ({
          revision,
          status,
          uid: `uid-of-revision-${revision}`,
        })),
      },
    },
  };
}

function plan(now: Fixture[], history: HelmRevision[], more: Partial<PlanInput> = {}, backup = aBackup()) {
  const live = aLiveRelease(now, { history });
  const server = new ModelServer(now.map(({ object }) => object));
  return planWith(withLiveRecords(backup, live), live, server, more);
}

test('where the release is as it was, its Secrets and its record stay', () => {
  const { helm, refusals, warnings } = plan([CART, LOGIN], [V1, V2]);
  assert.deepEqual(helm, { action: 'keep', revision: 2 });
  assert.deepEqual(refusals, []);
  assert.deepEqual(warnings, [
    'the backup was taken without Secrets: secret/login stays as it is in the cluster',
  ]);
});

test('where Helm went on, a new revision repeats the one of the backup, from the record that the cluster has', () => {
  const { helm, refusals, objects } = plan([CART, LOGIN, AUTH], [V1, V2_SUPERSEDED, V3]);
  assert.deepEqual(helm, { action: 'new-revision', revision: 4, from: 2, superseded: [3], failed: [] });
  assert.deepEqual(refusals, []);
  const [added] = objects.filter(({ ref }) => displayName(ref) === 'secret/auth');
  assert.deepEqual([added?.action, added?.reason], ['keep', 'the backup was taken without Secrets']);
});

test('a record that says something else of the release by now is not the one of back then', () => {
  const manifest = namesOf([CART, LOGIN]);
  const planned = (status: HelmStatus) =>
    plan([CART, LOGIN], [V1, aRevision(2, status, { manifest, config: { replicas: 2 } })]).helm;
  const anew = { action: 'new-revision', revision: 3, from: 2, superseded: [], failed: [] };
  for (const status of ['uninstalled', 'superseded'] as const)
    assert.deepEqual(planned(status), anew, status);
  // As a restore leaves it whose rollout did not finish: the next one completes it.
  assert.deepEqual(planned('failed'), { action: 'create-history', revisions: [1, 2] });
  const failed = aRevision(2, 'failed', { manifest, config: { replicas: 2 } });
  const { history } = withLiveRecords(aBackup(), aLiveRelease([CART, LOGIN], { history: [V1, failed] }));
  assert.deepEqual(
    history.map(({ status, record }) => [status, decodeRevision(record).status, labelsOf(record).status]),
    [
      ['superseded', 'superseded', 'superseded'],
      ['deployed', 'deployed', 'deployed'],
    ],
    'which then says again what it said',
  );
});

test('of an upgrade that had failed, the revision that was deployed then is repeated', () => {
  const failed = aRevision(3, 'failed', { manifest: namesOf([CART]) });
  const history = [V1, V2_SUPERSEDED, failed, aRevision(4, 'deployed', { config: { replicas: 9 } })];
  const { helm } = plan([CART, LOGIN], history, {}, aBackup({ records: [V1, V2, failed] }));
  assert.equal(helm.action === 'new-revision' && helm.from, 2);
});

test('a release that was installed anew has other records: Helm stays where it is', () => {
  const anew = aRevision(2, 'deployed', { manifest: namesOf([CART, LOGIN]) });
  (anew.record.metadata as { uid: string }).uid = 'another';
  const { helm, refusals, warnings } = plan([CART, LOGIN], [anew]);
  assert.deepEqual(helm, { action: 'none' });
  assert.deepEqual(refusals, []);
  assert.match(
    warnings.join('\n'),
    /the cluster has none of revision 2 as it was: Helm's record stays as it is/,
  );
});

test('a Secret that is gone is named before the first write, with its keys and what makes it', () => {
  assert.deepEqual(plan([CART], [V1, V2]).refusals, [
    `secret/login is not in namespace ${NAMESPACE}, and the backup was taken without it: create it first with the keys password, user (kubectl create secret generic login -n shop '--from-literal=<password=value>' '--from-literal=<user=value>' --dry-run=client -o yaml | kubectl apply --server-side --field-manager=helm -f -), or let Helm make it again (helm rollback cart 2 -n shop), then restore again`,
  ]);
  const tls = aBackup({ type: 'kubernetes.io/tls' });
  assert.match(
    plan([CART], [V1, V2], {}, tls).refusals.join(),
    /create it first of type kubernetes\.io\/tls and with/,
  );
});

test('what a forged backup says is no command of the shell where it is pasted', () => {
  const backup = aBackup();
  backup.document.withoutSecrets!.objects[0]!.name = 'x;reboot';
  backup.document.helm!.chart = { name: 'a;reboot', version: '$(reboot)' };
  const text = [
    ...plan([CART], [V1, V2], {}, backup).refusals,
    ...plan([aService('cart').served()], [], {}, backup).refusals,
  ].join('\n');
  assert.match(text, /kubectl create secret generic 'x;reboot' -n shop/);
  assert.match(text, /helm install cart '<REPO\/a;reboot>' --version '\$\(reboot\)' -n shop/);
});

test('where the record is gone too, the chart and its version are named; --force does without Helm', () => {
  // Helm takes no object for its own that somebody else made: one advice, not two.
  const { refusals } = plan([aService('cart').served()], []);
  assert.deepEqual(refusals, [
    "Helm knows no release cart in namespace shop, and the backup was taken without Helm's record: install the chart with your values first (helm install cart '<REPO/memcached>' --version 1.2.3 -n shop -f '<VALUES>'), which also makes secret/login (with the keys password, user), then restore again; --force goes ahead all the same",
  ]);
  const alone = plan([aService('cart').served()], [], { options: { wholeRelease: true, force: true } });
  assert.equal(alone.refusals.length, 1);
  assert.match(alone.refusals[0] ?? '', /^secret\/login is not in namespace shop, .*: create it first with/);
  assert.doesNotMatch(alone.refusals[0] ?? '', /helm rollback/);
  const forced = plan([LOGIN], [], { options: { wholeRelease: true, force: true } });
  assert.deepEqual(forced.refusals, []);
  assert.match(forced.warnings.join('\n'), /Helm knows no release cart/);
});
