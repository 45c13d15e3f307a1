import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from '../../../../src/model/json/json.ts';
import { holdersOf } from '../../../../src/store/pvc/pod/claim-holders.ts';
import { hasEnded, helperPod, isHelper, mountsClaim } from '../../../../src/store/pvc/pod/helper-pod.ts';

const claimWith = (...accessModes: string[]): JsonObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'backups', namespace: 'ops', uid: 'u-1' },
  spec: { accessModes },
});

const podWith = (name: string, phase: string, spec: JsonObject = {}, claimName = 'backups'): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'ops' },
  spec: { volumes: [{ name: 'x', persistentVolumeClaim: { claimName } }], ...spec },
  status: { phase },
});

const wanted = {
  name: 'memcached-backup-store-1',
  claim: claimWith('ReadWriteOnce'),
  folder: ['eu', 'prod'],
  image: 'memcached-backup:1',
  tokenDigest: 'ab'.repeat(32),
  place: undefined,
};

describe('the pod of a claim', () => {
  test('is the one that Pod Security lets in everywhere, ends in time, and goes with its claim', () => {
    const pod = helperPod(wanted);
    assert.equal(stringAt(pod, 'metadata', 'namespace'), 'ops');
    assert.deepEqual(objectAt(pod, 'metadata')?.ownerReferences, [
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'backups', uid: 'u-1' },
    ]);
    const spec = objectAt(pod, 'spec');
    assert.equal(spec?.restartPolicy, 'Never');
    assert.equal(spec?.activeDeadlineSeconds, 3600);
    assert.equal(spec?.automountServiceAccountToken, false);
    assert.deepEqual(spec?.securityContext, {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const [container] = arrayAt(spec, 'containers').filter(isObject);
    assert.deepEqual(container?.args, [
      'store-server',
      '--folder',
      '/store/eu/prod',
      '--port',
      '7411',
      '--token-sha256',
      'ab'.repeat(32),
    ]);
    assert.deepEqual(container?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.ok(isHelper(pod) && mountsClaim(pod, 'backups') && !hasEnded(pod));
    assert.equal(spec?.affinity, undefined);
  });

  test('goes to a node where it has to, and bears what the pod there bears', () => {
    const tolerations = [{ key: 'dedicated', operator: 'Exists' }];
    const spec = objectAt(helperPod({ ...wanted, place: { node: 'n-2', tolerations } }), 'spec');
    assert.deepEqual(spec?.affinity, {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n-2'] }] }],
        },
      },
    });
    assert.deepEqual(spec?.tolerations, tolerations);
  });

  test('is no other pod with some of its labels', () => {
    for (const labels of [
      {},
      { 'app.kubernetes.io/managed-by': 'memcached-backup' },
      { 'app.kubernetes.io/name': 'memcached-backup', 'app.kubernetes.io/component': 'store-server' },
    ])
      assert.equal(isHelper({ metadata: { labels } }), false);
  });
});

describe('who holds a claim', () => {
  const nobody = {};
  const onNode = podWith('web', 'Running', {
    nodeName: 'n-2',
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
  });
  const cases: [string, JsonObject, JsonObject[], object][] = [
    ['nobody', claimWith('ReadWriteOnce'), [], nobody],
    [
      'a pod of another claim',
      claimWith('ReadWriteOnce'),
      [podWith('web', 'Running', { nodeName: 'n-2' }, 'x')],
      nobody,
    ],
    [
      'pods that have ended',
      claimWith('ReadWriteOncePod'),
      [podWith('a', 'Succeeded'), podWith('b', 'Failed')],
      nobody,
    ],
    ['pods without a node yet', claimWith('ReadWriteOnce'), [podWith('web', 'Pending')], nobody],
    [
      'a pod on a node',
      claimWith('ReadWriteOnce'),
      [podWith('first', 'Pending'), onNode],
      {
        place: { node: 'n-2', tolerations: [{ key: 'dedicated', operator: 'Exists' }] },
        there: 'web',
      },
    ],
    ['pods on any nodes', claimWith('ReadWriteOnce', 'ReadWriteMany'), [onNode], nobody],
    [
      'one that is about to end, or ends with its command',
      claimWith('ReadWriteOncePod'),
      [
        {
          ...podWith('web', 'Running'),
          metadata: { name: 'web', deletionTimestamp: '2026-11-23T00:00:00Z' },
        },
        { ...podWith('other', 'Running'), metadata: objectAt(helperPod(wanted), 'metadata')! },
      ],
      { only: 'web', ends: true },
    ],
    ['the one pod that may', claimWith('ReadWriteOncePod'), [podWith('web', 'Pending')], { only: 'web' }],
  ];
  for (const [name, claim, pods, holders] of cases)
    test(name, () => assert.deepEqual(holdersOf(claim, pods), holders));
});
