import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { badEnds, judgePodEnd } from '../../../../src/doctor/schedule/pod-end.ts';
import { judgePodStart } from '../../../../src/doctor/schedule/pod-start.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { allSpelled } from '../../spelled.ts';
import { aCronJob, aJob, anEvent, aPod, inState } from './objects.ts';

const RUN = { cronJob: aCronJob(), job: aJob() };

function start(status: JsonObject, spec: JsonObject = {}, events: ReturnType<typeof anEvent>[] = []) {
  const now = new Date('2026-11-26T02:00:30Z');
  const found = judgePodStart({ ...RUN, pod: aPod(status, spec) }, events, now);
  assert.ok(found.length <= 1, 'one cause');
  return found[0];
}

const waiting = (reason: string, message = ''): JsonObject => inState({ waiting: { reason, message } });
const CREATING = waiting('ContainerCreating');

describe('why a pod has not started', () => {
  test('an image, with the kubelet’s words', () => {
    const event = anEvent('Failed', 'Failed to pull image "kubectl:1": not found');
    const finding = start(waiting('ImagePullBackOff', 'Back-off'), {}, [event]);
    assert.equal(finding?.code, 'MB230');
    assert.match(finding?.evidence[1]?.text ?? '', /Failed to pull image/);
    assert.match(
      allSpelled(finding?.advice)[0] ?? '',
      /^kubectl set image cronjob\/memcached-backup '<backup=image>' -n cache$/,
    );
  });

  test('whatever the kubelet or the runtime calls it, as a restore and a rollout do', () => {
    for (const reason of ['ImageInspectError', 'RegistryUnavailable', 'SignatureValidationFailed'])
      assert.equal(start(waiting(reason))?.code, 'MB230', reason);
    for (const reason of ['PreCreateHookError', 'PostStartHookError'])
      assert.equal(start(waiting(reason))?.code, 'MB243', reason);
  });

  test('an image that wants a login', () => {
    const finding = start(waiting('ErrImagePull', 'failed to authorize: 401 Unauthorized'));
    assert.match(allSpelled(finding?.advice)[0] ?? '', /create secret docker-registry/);
    assert.match(allSpelled(finding?.advice)[1] ?? '', /imagePullSecrets/);
  });

  const SECRET_VOLUME = { volumes: [{ name: 'creds', secret: { secretName: 'aws' } }] };
  const MISSING: [string, JsonObject, JsonObject, string, string, RegExp][] = [
    [
      'a Secret',
      waiting('CreateContainerConfigError', 'secret "aws" not found'),
      {},
      '',
      'MB231',
      /secret\/aws/,
    ],
    [
      'a ConfigMap',
      waiting('CreateContainerConfigError', 'configmap "conf" not found'),
      {},
      '',
      'MB231',
      /configmap\/conf/,
    ],
    [
      'a key',
      waiting('CreateContainerConfigError', "couldn't find key id in Secret cache/aws"),
      {},
      '',
      'MB232',
      /"id" of secret\/aws/,
    ],
    [
      'a mounted Secret',
      CREATING,
      SECRET_VOLUME,
      'MountVolume.SetUp failed for volume "creds" : secret "aws" not found',
      'MB231',
      /secret\/aws/,
    ],
    [
      'a mounted key',
      CREATING,
      SECRET_VOLUME,
      'MountVolume.SetUp failed for volume "creds" : references non-existent secret key: id',
      'MB232',
      /"id" of secret\/aws/,
    ],
    [
      'a mount that fails otherwise',
      CREATING,
      SECRET_VOLUME,
      'MountVolume.SetUp failed for volume "nfs" : mount failed: exit status 32',
      'MB234',
      /can’t be mounted/,
    ],
  ];
  for (const [what, status, spec, event, code, summary] of MISSING) {
    test(what, () => {
      const finding = start(status, spec, event === '' ? [] : [anEvent('FailedMount', event)]);
      assert.equal(finding?.code, code);
      assert.match(finding?.summary ?? '', summary);
    });
  }

  test('a missing object is among what the finding is about', () => {
    const finding = start(waiting('CreateContainerConfigError', 'secret "aws" not found'));
    assert.deepEqual(finding?.about, [
      '/Pod/cache/run-x',
      'batch/Job/cache/run',
      'batch/CronJob/cache/memcached-backup',
      '/Secret/cache/aws',
    ]);
  });

  test('a program that the image lacks is named in the image that is wanted', () => {
    const message = 'exec: "/bin/bash": stat /bin/bash: no such file or directory: unknown';
    const advice = allSpelled(start(waiting('RunContainerError', message))?.advice);
    assert.match(advice[0]!, /^kubectl get cronjob memcached-backup -n cache -o 'jsonpath=/);
    assert.match(advice[1]!, /'<backup=image with \/bin\/bash>'/);
  });

  test('root, where that is ruled out', () => {
    const finding = start(
      waiting('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root'),
    );
    assert.equal(finding?.code, 'MB243');
    assert.match(allSpelled(finding?.advice)[0] ?? '', /"runAsUser":65534/);
  });

  test('a program that is not in the image, in the words of either runtime', () => {
    for (const message of [
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/opt/zsh": stat /opt/zsh: no such file or directory: unknown',
      'exec: "/opt/zsh": executable file not found in $PATH',
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: executable file `/opt/zsh` not found in $PATH: No such file or directory: unknown',
    ]) {
      const finding = start(waiting('RunContainerError', message));
      assert.equal(finding?.code, 'MB243');
      assert.match(allSpelled(finding?.advice)[1] ?? '', /zsh/, message);
    }
  });

  const unscheduled = (message: string): JsonObject => ({
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
  });
  const WITH_CLAIM = { volumes: [{ name: 'b', persistentVolumeClaim: { claimName: 'backups' } }] };

  test('a claim, for the reasons that the scheduler gives', () => {
    for (const message of [
      '0/1 nodes are available: persistentvolumeclaim "backups" not found.',
      '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
      '0/2 nodes are available: 2 node(s) had volume node affinity conflict.',
    ]) {
      const finding = start(unscheduled(message), WITH_CLAIM);
      assert.equal(finding?.code, 'MB233', message);
      assert.ok(finding?.about.includes('/PersistentVolumeClaim/cache/backups'));
    }
  });

  test('no node, whether or not there is a claim', () => {
    const message = '0/1 nodes are available: 1 Insufficient memory.';
    for (const spec of [{}, WITH_CLAIM]) assert.equal(start(unscheduled(message), spec)?.code, 'MB235');
  });

  test('a node that an autoscaler makes is waited for', () => {
    const status = unscheduled('0/1 nodes are available: 1 Insufficient memory.');
    const failed = anEvent('FailedScheduling', 'no node', '2026-11-26T02:00:20Z');
    assert.equal(start(status, {}, [failed, anEvent('TriggeredScaleUp', 'one')]), undefined);
    assert.equal(start(status, {}, [failed, anEvent('NotTriggerScaleUp', 'none')])?.code, 'MB235');
  });

  test('one that is just being created, or runs', () => {
    assert.equal(start(CREATING), undefined);
    const early = 'MountVolume.SetUp failed for volume "v" : failed to sync configmap cache: timed out';
    assert.equal(start(CREATING, {}, [anEvent('FailedMount', early)]), undefined);
    assert.equal(start(inState({ running: {} })), undefined);
  });

  test('one whose volume was mounted late, and whose image is pulled by now', () => {
    const late = anEvent(
      'FailedAttachVolume',
      'Multi-Attach error for volume "pvc-1"',
      '2026-11-26T02:00:05Z',
    );
    assert.equal(start(CREATING, {}, [late])?.code, 'MB234');
    const pulling = anEvent('Pulling', 'Pulling image "kubectl:1"', '2026-11-26T02:00:20Z');
    assert.equal(start(CREATING, {}, [pulling, late]), undefined);
  });
});

describe('how a pod ended', () => {
  function end(status: JsonObject, log: string | undefined, spec: JsonObject = {}) {
    const pod = aPod(status, spec);
    const found = judgePodEnd(
      { ...RUN, pod },
      badEnds(pod).map((state) => ({ state, log })),
    );
    assert.ok(found.length <= 1, 'one cause');
    return found[0];
  }
  const ended = (reason: string, exitCode: number): JsonObject =>
    inState({ terminated: { reason, exitCode, finishedAt: '2026-11-26T02:00:09Z' } });

  test('an exit code, with the last five lines of the log', () => {
    const finding = end(ended('Error', 3), '1\n2\n3\n4\n\n5\n6\n');
    assert.equal(finding?.code, 'MB242');
    assert.deepEqual(
      finding?.evidence.map(({ text }) => text),
      ['exit code 3: Error', '2', '3', '4', '5', '6'],
    );
    assert.equal(finding?.evidence[0]?.at, '2026-11-26T02:00:09Z');
  });

  test('an exit code whose log can’t be read', () => {
    assert.equal(end(ended('Error', 1), undefined)?.evidence.length, 1);
  });

  test('one that is started again and again shows how it ended before', () => {
    const crash = inState(
      { waiting: { reason: 'CrashLoopBackOff' } },
      { terminated: { reason: 'Error', exitCode: 1, finishedAt: '2026-11-26T02:00:09Z' } },
    );
    assert.match(allSpelled(end(crash, 'x')?.advice)[0] ?? '', /--previous/);
  });

  test('too little memory: twice the limit', () => {
    const limits = { containers: [{ name: 'backup', resources: { limits: { memory: '100Mi' } } }] };
    assert.match(allSpelled(end(ended('OOMKilled', 137), '', limits)?.advice)[0] ?? '', /memory=200Mi/);
    const unlimited = end(ended('OOMKilled', 137), '');
    assert.match(unlimited?.evidence[1]?.text ?? '', /no memory limit/);
    assert.match(allSpelled(unlimited?.advice)[0] ?? '', /-n cache --requests=memory=128Mi$/);
  });

  test('a command that is not in the image', () => {
    assert.equal(end(ended('StartError', 128), '')?.code, 'MB243');
  });

  test('evicted, whatever its containers say', () => {
    const status = { ...ended('Error', 137), phase: 'Failed', reason: 'Evicted', message: 'low on memory' };
    assert.equal(end(status, '')?.code, 'MB241');
    const drained = {
      ...ended('Error', 143),
      phase: 'Failed',
      conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }],
    };
    assert.equal(end(drained, '')?.code, 'MB241');
  });

  test('well', () => assert.equal(end(ended('Completed', 0), 'x'), undefined));
});
