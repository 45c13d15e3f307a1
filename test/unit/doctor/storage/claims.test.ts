import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeClaimExists, judgeHeld } from '../../../../src/doctor/storage/claim-held.ts';
import { judgePending, type Supply } from '../../../../src/doctor/storage/claim-pending.ts';
import { judgeSpace } from '../../../../src/doctor/storage/claim-space.ts';
import { type ClaimUse, claimsInUse, podsUsing } from '../../../../src/doctor/storage/claims.ts';
import type { Finding } from '../../../../src/model/findings/finding.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { ReportedEvent } from '../../../../src/model/kubernetes/event.ts';
import { displayName, type KubeObject, type ObjectRef } from '../../../../src/model/kubernetes/object.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const CRON_JOB: ObjectRef = { apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'cache', name: 'backup' };
const USE: ClaimUse = {
  ref: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'cache', name: 'backups' },
  users: [CRON_JOB],
  made: false,
  onlyForJobs: true,
};
const codes = (findings: Finding[]) => findings.map(({ code }) => code);

function aClaim(spec: JsonObject = {}, more: JsonObject = {}): KubeObject {
  const metadata = { name: 'backups', namespace: 'cache', creationTimestamp: '2026-11-24T11:00:00Z' };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...metadata, ...more },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    status: { phase: 'Pending' },
  };
}
const aClass = (name: string, more: JsonObject = {}, annotations: JsonObject = {}): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name, annotations },
  provisioner: 'csi.example.org',
  ...more,
});
const aVolume = (
  storageClassName: string,
  modes: string[],
  storage = '1Gi',
  phase = 'Available',
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv-1' },
  spec: { storageClassName, accessModes: modes, capacity: { storage } },
  status: { phase },
});
const says = (reason: string, message = ''): ReportedEvent => ({ reason, message, at: '', count: 1 });

describe('which claims matter', () => {
  const podSpec = (claimName: string) => ({
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
    containers: [],
  });
  const cronJob: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'backup', namespace: 'cache' },
    spec: { jobTemplate: { spec: { template: { spec: podSpec('backups') } } } },
  };
  const set: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'ring', namespace: 'cache' },
    spec: {
      replicas: 1,
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
      template: { spec: podSpec('backups') },
    },
  };

  test('those that workloads and CronJobs name, each once, and those that a release owns', () => {
    const owned = { ...USE.ref, name: 'spare' };
    const uses = claimsInUse([cronJob, set], [USE.ref, owned]);
    assert.deepEqual(
      uses.map(({ ref, users, made }) => [ref.name, users.map(displayName), made]),
      [
        ['backups', ['cronjob.batch/backup', 'statefulset.apps/ring'], false],
        ['data-ring-0', ['statefulset.apps/ring'], true],
        ['spare', [], false],
      ],
    );
  });

  test('one that CronJobs alone name, which nothing else owns, may be made for them', () => {
    const isOnlyForJobs = (users: KubeObject[], owned: ObjectRef[] = []) =>
      claimsInUse(users, owned)[0]?.onlyForJobs;
    const tracking = { 'argocd.argoproj.io/tracking-id': 'ops:batch/CronJob:cache/backup' };
    const managed = { ...cronJob, metadata: { name: 'backup', namespace: 'cache', annotations: tracking } };
    assert.equal(isOnlyForJobs([cronJob]), true);
    assert.equal(isOnlyForJobs([cronJob, set]), false);
    assert.equal(isOnlyForJobs([set]), false);
    assert.equal(isOnlyForJobs([managed]), false);
    assert.equal(isOnlyForJobs([cronJob], [USE.ref]), false, 'a release would have to own it');
  });

  test('pods that have ended hold nothing', () => {
    const pod = (name: string, phase: string): KubeObject => ({
      metadata: { name, namespace: 'cache' },
      spec: podSpec('backups'),
      status: { phase },
    });
    const pods = [pod('a', 'Running'), pod('b', 'Succeeded'), pod('c', 'Pending')];
    assert.deepEqual(podsUsing(USE.ref, pods), [pods[0], pods[2]]);
    assert.deepEqual(podsUsing({ ...USE.ref, namespace: 'elsewhere' }, pods), []);
  });
});

describe('why a claim is not bound', () => {
  const pending = (claim: KubeObject, events: ReportedEvent[], supply: Partial<Supply>) =>
    codes(
      judgePending({ claim, use: USE }, events, { classes: undefined, volumes: undefined, ...supply }, NOW),
    );
  const DEFAULT = aClass('standard', {}, { 'storageclass.kubernetes.io/is-default-class': 'true' });

  test('its class does not exist, as the list or the event says', () => {
    const claim = aClaim({ storageClassName: 'fast' });
    assert.deepEqual(pending(claim, [], { classes: [DEFAULT] }), ['MB311']);
    const event = says('ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found');
    assert.deepEqual(pending(claim, [event], {}), ['MB311']);
  });

  test('it names none, and there is no default', () => {
    assert.deepEqual(pending(aClaim(), [], { classes: [aClass('fast')] }), ['MB312']);
    assert.deepEqual(pending(aClaim(), [says('FailedBinding')], {}), ['MB312']);
    assert.deepEqual(pending(aClaim(), [], { classes: [DEFAULT] }), [], 'it gets the default in a moment');
  });

  test('no volume of its class fits, or none has its access mode', () => {
    const claim = aClaim({ storageClassName: '' });
    const fits = aVolume('', ['ReadWriteMany']);
    const small = aVolume('', ['ReadWriteOnce'], '1Mi');
    const taken = aVolume('', ['ReadWriteOnce'], '1Gi', 'Bound');
    const others = [small, taken, aVolume('fast', ['ReadWriteOnce'])];
    assert.deepEqual(pending(claim, [], { volumes: others }), ['MB313']);
    assert.deepEqual(pending(claim, [], { volumes: [...others, fits] }), ['MB319']);
    assert.deepEqual(pending(claim, [says('FailedBinding')], {}), ['MB313']);
    const byHand = aClass('local', { provisioner: 'kubernetes.io/no-provisioner' });
    const local = aClaim({ storageClassName: 'local' });
    const event = says('ProvisioningFailed', 'no volume plugin matched name: kubernetes.io/no-provisioner');
    assert.deepEqual(pending(local, [event], { classes: [byHand], volumes: [] }), ['MB313']);
  });

  test('its provisioner fails, lacks the access mode, or is not there', () => {
    const claim = aClaim({ storageClassName: 'fast' });
    const classes = [aClass('fast')];
    const failed = says('ProvisioningFailed', 'rpc error: quota exceeded');
    const mode = says(
      'ProvisioningFailed',
      'invalid AccessModes [ReadWriteMany]: only ReadWriteOnce is supported',
    );
    assert.deepEqual(pending(claim, [failed], { classes }), ['MB314']);
    assert.deepEqual(pending(claim, [mode], { classes }), ['MB319']);
    assert.deepEqual(pending(claim, [says('ExternalProvisioning')], { classes }), ['MB314']);
    assert.deepEqual(pending(claim, [], { classes }), ['MB314']);
    const young = aClaim({ storageClassName: 'fast' }, { creationTimestamp: '2026-11-24T11:59:50Z' });
    assert.deepEqual(pending(young, [says('ExternalProvisioning')], { classes }), []);
  });

  test('it waits for its first pod', () => {
    const claim = aClaim({ storageClassName: 'local' });
    const classes = [aClass('local', { volumeBindingMode: 'WaitForFirstConsumer' })];
    assert.deepEqual(pending(claim, [], { classes }), ['MB315']);
    assert.deepEqual(pending(claim, [says('WaitForFirstConsumer')], {}), ['MB315']);
    // The pod is there, and something else keeps it from being scheduled.
    const events = [says('WaitForPodScheduled'), says('WaitForFirstConsumer')];
    assert.deepEqual(pending(claim, events, { classes }), ['MB315']);
  });

  describe('its first pod has come', () => {
    const classes = [aClass('cloud', { volumeBindingMode: 'WaitForFirstConsumer' })];
    const selected = (time: string) =>
      aClaim(
        { storageClassName: 'cloud' },
        {
          creationTimestamp: '2026-11-20T11:00:00Z',
          annotations: { 'volume.kubernetes.io/selected-node': 'node-1' },
          managedFields: [
            {
              manager: 'kube-scheduler',
              time,
              fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:volume.kubernetes.io/selected-node': {} } } },
            },
          ],
        },
      );
    const waited = says('WaitForFirstConsumer');

    test('and its provisioner is not there, whatever was said before', () => {
      const claim = selected('2026-11-24T11:59:20Z');
      assert.deepEqual(pending(claim, [says('ExternalProvisioning'), waited], { classes }), ['MB314']);
      assert.deepEqual(
        pending(claim, [waited], { classes }),
        ['MB314'],
        'the controller says it again at times',
      );
      assert.deepEqual(pending(claim, [], { classes }), ['MB314']);
    });

    test('a moment ago, however old the claim is', () => {
      const claim = selected('2026-11-24T11:59:40Z');
      assert.deepEqual(pending(claim, [says('ExternalProvisioning'), waited], { classes }), []);
    });

    test('and its provisioner is at it: a cloud takes minutes', () => {
      const events = [says('ExternalProvisioning'), says('Provisioning'), waited];
      assert.deepEqual(pending(selected('2026-11-24T11:56:00Z'), events, { classes }), []);
      assert.deepEqual(pending(selected('2026-11-24T11:54:00Z'), events, { classes }), ['MB314']);
    });
  });
});

describe('a claim that is there, or not', () => {
  test('nobody made it; a StatefulSet makes its own', () => {
    const [finding] = judgeClaimExists('absent', USE);
    assert.equal(finding?.code, 'MB310');
    assert.deepEqual(finding?.about, ['/PersistentVolumeClaim/cache/backups', 'batch/CronJob/cache/backup']);
    assert.deepEqual(
      finding?.repair?.steps.map(({ action }) => action),
      ['create'],
    );
    const [wanted] = judgeClaimExists('absent', { ...USE, onlyForJobs: false });
    assert.deepEqual(wanted?.advice, finding?.advice);
    assert.equal(wanted?.repair, undefined);
    assert.deepEqual(judgeClaimExists('absent', { ...USE, made: true }), []);
  });

  test('it has lost its volume, or is being deleted', () => {
    assert.deepEqual(codes(judgeClaimExists({ ...aClaim(), status: { phase: 'Lost' } }, USE)), ['MB316']);
    const deleted = aClaim({}, { deletionTimestamp: '2026-11-24T11:59:00Z' });
    assert.deepEqual(codes(judgeClaimExists(deleted, USE)), ['MB322']);
    assert.deepEqual(judgeClaimExists({ ...aClaim(), status: { phase: 'Bound' } }, USE), []);
  });

  test('another node, or another pod, holds it', () => {
    const pod = (message = ''): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'cache' },
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message }] },
    });
    const attach = says(
      'FailedAttachVolume',
      'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) x',
    );
    assert.deepEqual(codes(judgeHeld(USE, [{ pod: pod(), events: [attach] }])), ['MB317']);
    const message =
      '1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
    assert.deepEqual(codes(judgeHeld(USE, [{ pod: pod(message), events: [] }])), ['MB318']);
    assert.deepEqual(judgeHeld(USE, [{ pod: pod('0/1 nodes: cpu'), events: [says('FailedMount')] }]), []);
    const running = { ...pod(), status: { phase: 'Running' } };
    assert.deepEqual(judgeHeld(USE, [{ pod: running, events: [attach] }]), [], 'it waits no longer');
  });

  test('its volume fills up, in bytes or in inodes', () => {
    const summary = (space: JsonObject): JsonObject => ({
      pods: [
        { volume: [{ name: 'scratch' }, { pvcRef: { name: 'backups', namespace: 'cache' }, ...space }] },
      ],
    });
    const space = (free: number, inodesFree = 50) =>
      codes(
        judgeSpace(USE, [summary({ availableBytes: free, capacityBytes: 100, inodesFree, inodes: 100 })]),
      );
    assert.deepEqual(space(10), []);
    assert.deepEqual(space(9), ['MB320']);
    assert.deepEqual(space(3), ['MB320']);
    assert.deepEqual(space(2), ['MB321']);
    assert.deepEqual(space(50, 2), ['MB321']);
    assert.deepEqual(judgeSpace(USE, [{ pods: [] }]), []);
    assert.deepEqual(judgeSpace(USE, []), []);
  });
});
