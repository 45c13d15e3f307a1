import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEnv, maskedEnv, podTargets } from '../../../../src/model/settings/pod-settings.ts';
import { aContainer, aDeployment, aPod, aReplicaSet } from '../../../support/objects.ts';

const deployment = aDeployment('x').served().annotated({ 'deployment.kubernetes.io/revision': '1' });
const set = aReplicaSet(deployment.object);
const targets = (...pods: ReturnType<typeof aPod>[]) =>
  podTargets(
    [deployment.object],
    [set.object],
    pods.map(({ object }) => object),
  );

test('what is known of a pod without asking it', () => {
  const pod = aPod('x-1', set.object).with({
    spec: {
      containers: [
        { name: 'exporter', image: 'memcached-exporter' },
        aContainer({ command: ['memcached'], env: [{ name: 'A', value: '1' }] }),
      ],
    },
    status: {
      containerStatuses: [
        { name: 'exporter', imageID: 'other' },
        { name: 'memcached', imageID: 'sha256:abc' },
      ],
    },
  });
  assert.deepEqual(targets(pod), [
    {
      namespace: 'shop',
      pod: 'x-1',
      port: 11211,
      known: {
        name: 'x-1',
        workload: 'deployment.apps/x',
        current: true,
        container: 'memcached',
        image: 'memcached:1.6.39',
        imageID: 'sha256:abc',
        command: ['memcached'],
        args: ['-m', '64', '-c', '1024'],
        env: [{ name: 'A', value: '1' }],
        ready: true,
      },
    },
  ]);
});

test('a pod that has not started has no image digest and is not ready', () => {
  const [target] = targets(
    aPod('x-1', set.object)
      .without('status')
      .with({ status: { phase: 'Pending' } }),
  );
  assert.deepEqual([target?.known.imageID, target?.known.ready], [undefined, false]);
});

test('pods without memcached are not asked', () => {
  assert.deepEqual(
    targets(aPod('x-1', set.object).with({ spec: { containers: [{ name: 'web', image: 'nginx' }] } })),
    [],
  );
});

test('an env entry is given by its value, or by where its value comes from', () => {
  assert.deepEqual(describeEnv({ name: 'A', value: '1' }), { name: 'A', value: '1' });
  assert.deepEqual(describeEnv({ name: 'A' }), { name: 'A', value: '' });
  const from = (valueFrom: object) => describeEnv({ name: 'A', valueFrom }).from;
  assert.equal(from({ secretKeyRef: { name: 'login', key: 'p' } }), 'secretKeyRef login p');
  assert.equal(from({ configMapKeyRef: { name: 'settings', key: 's' } }), 'configMapKeyRef settings s');
  assert.equal(from({ fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } }), 'fieldRef status.podIP');
  assert.equal(
    from({ resourceFieldRef: { containerName: 'x', resource: 'limits.memory' } }),
    'resourceFieldRef limits.memory',
  );
});

test('secret-looking env values are masked for output, references and others are not', () => {
  const env = [
    { name: 'PASSWORD', value: 'hunter22' },
    { name: 'SIZE', value: '64' },
    { name: 'TOKEN', from: 'secretKeyRef a b' },
  ];
  assert.deepEqual(maskedEnv(env), [{ name: 'PASSWORD', value: '***' }, env[1], env[2]]);
});
