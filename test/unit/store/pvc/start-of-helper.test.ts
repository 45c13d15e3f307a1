import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import {
  START_LIMIT_MS,
  type StartingHelper,
  startOf,
} from '../../../../src/store/pvc/pod/start-of-helper.ts';
import { spelled } from '../../spelled.ts';

const claim = { metadata: { name: 'backups', namespace: 'ops' } };

function starting(status: JsonObject, more: Partial<StartingHelper> = {}): StartingHelper {
  return {
    pod: { metadata: { name: 'helper', namespace: 'ops' }, status: { phase: 'Pending', ...status } },
    claim,
    podEvents: [],
    claimEvents: [],
    image: 'memcached-backup:1',
    waitedMs: 10_000,
    ...more,
  };
}

const container = (state: JsonObject): JsonObject => ({
  containerStatuses: [{ name: 'store-server', state }],
});
const waiting = (reason: string): JsonObject => container({ waiting: { reason, message: 'because\nof x' } });
const unschedulable = (message: string): JsonObject => ({
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
});
const event = (reason: string, message: string) => ({ reason, message, at: '', count: 1 });

describe('how a pod that reaches a claim starts', () => {
  test('it runs', () => {
    assert.equal(startOf(starting({ phase: 'Running', ...container({ running: {} }) })), 'running');
  });

  const notYet: [string, StartingHelper][] = [
    ['nobody took it up', starting({}, { waitedMs: 0 })],
    ['its container is made', starting(waiting('ContainerCreating'))],
    ['the first pull failed a moment ago', starting(waiting('ErrImagePull'), { waitedMs: 1_000 })],
    ['the scheduler has just looked', starting(unschedulable('0/1 nodes are available'), { waitedMs: 500 })],
    [
      'its volume is being made',
      starting(unschedulable('pod has unbound immediate PersistentVolumeClaims'), {
        claimEvents: [event('ExternalProvisioning', 'waiting for a volume to be created')],
        waitedMs: 60_000,
      }),
    ],
    ['a node may be made for it', starting(unschedulable('0/3 nodes are available: 3 Insufficient memory.'))],
    [
      'a mount failed once',
      starting(waiting('ContainerCreating'), { podEvents: [event('FailedMount', 'timed out')] }),
    ],
  ];
  for (const [name, state] of notYet) test(`not yet: ${name}`, () => assert.equal(startOf(state), 'not yet'));

  const troubles: [string, StartingHelper, string, RegExp][] = [
    [
      'no image',
      starting(waiting('ImagePullBackOff')),
      'helper image',
      /memcached-backup:1.*ImagePullBackOff: because of x/,
    ],
    ['no image after some seconds', starting(waiting('ErrImagePull')), 'helper image', /ErrImagePull/],
    ['no image name', starting(waiting('InvalidImageName'), { waitedMs: 0 }), 'helper image', /Invalid/],
    ['no container', starting(waiting('CreateContainerConfigError')), 'helper pod', /does not start/],
    [
      'an end',
      starting({
        phase: 'Failed',
        ...container({ terminated: { exitCode: 2, message: 'error: unknown command\n' } }),
      }),
      'helper pod',
      /ended with exit code 2: error: unknown command$/,
    ],
    [
      'the deadline',
      starting({ phase: 'Failed', message: 'Pod was active on the node longer than the specified deadline' }),
      'helper pod',
      /ended: Pod was active/,
    ],
    [
      'a claim for one pod',
      starting(
        unschedulable(
          'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
        ),
      ),
      'claim held',
      /another pod has its claim/,
    ],
    [
      'no volume',
      starting(unschedulable('pod has unbound immediate PersistentVolumeClaims')),
      'claim unbound',
      /has no volume \(pod has unbound/,
    ],
    [
      'a volume that is not made',
      starting(unschedulable('pod has unbound immediate PersistentVolumeClaims'), {
        claimEvents: [event('ExternalProvisioning', 'x'), event('ProvisioningFailed', 'quota of disks')],
      }),
      'claim unbound',
      /ProvisioningFailed: quota of disks/,
    ],
    [
      'a volume elsewhere',
      starting(unschedulable('1 node(s) had volume node affinity conflict')),
      'claim unbound',
      /node affinity/,
    ],
    [
      'a full node where it has to run',
      starting(unschedulable('0/3 nodes are available: 1 Insufficient memory'), { there: 'web' }),
      'claim held',
      /^pod\/web has its claim.*Insufficient memory/,
    ],
    [
      'no node at last',
      starting(unschedulable('0/3 nodes are available: 3 Insufficient memory.'), { waitedMs: 25_000 }),
      'helper pod',
      /finds no node/,
    ],
    [
      'another node’s volume',
      starting(waiting('ContainerCreating'), {
        podEvents: [event('FailedAttachVolume', 'Multi-Attach error for volume "x"')],
      }),
      'claim held',
      /another node has its volume/,
    ],
    [
      'a mount that does not come',
      starting(waiting('ContainerCreating'), {
        podEvents: [event('FailedMount', 'timed out')],
        waitedMs: 25_000,
      }),
      'helper pod',
      /can't be mounted \(FailedMount: timed out\)/,
    ],
    [
      'too long',
      starting(waiting('ContainerCreating'), {
        podEvents: [event('Pulling', 'Pulling image')],
        waitedMs: START_LIMIT_MS,
      }),
      'helper pod',
      /did not start within 120 s \(Pulling: Pulling image\)/,
    ],
  ];
  for (const [name, state, kind, why] of troubles)
    test(`never: ${name}`, () => {
      const found = startOf(state);
      assert.ok(typeof found === 'object', String(found));
      assert.equal(found.kind, kind);
      assert.match(found.why, why);
      assert.doesNotMatch(found.why, /\n/);
      assert.match(spelled(found.next), /\S/);
    });
});
