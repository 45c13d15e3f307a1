import type { RolloutSubject } from '../../../../src/doctor/rollout/rollout-subject.ts';
import { sideBySide } from '../../../../src/doctor/rollout/side-by-side.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { refOf } from '../../../../src/model/kubernetes/object.ts';
import type { PodSettings } from '../../../../src/model/records/backup-format.ts';
import { aContainer, aDeployment, aPod, type Fixture } from '../../../support/objects.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');
export const RELEASE = { namespace: 'shop', name: 'cart' };

/** A Deployment of one pod, done, but for what is changed. */
export function aSubject(
  changes: JsonObject = {},
  { pod = {}, current = true, stats, manifest, args = ['-m', '64', '-c', '1024'] }: SubjectOptions = {},
): RolloutSubject {
  const workload = aDeployment('cart')
    .served()
    .with({ spec: { replicas: 1 }, status: ONE_DONE })
    .with(changes);
  const object = aPod('cart-1', workload.object)
    .with({ spec: { containers: [aContainer({ args })] } })
    .with(pod).object;
  const settings: PodSettings = {
    name: 'cart-1',
    workload: 'deployment.apps/cart',
    current,
    container: 'memcached',
    image: 'memcached:1.6.39',
    command: [],
    args,
    env: [],
    ready: true,
    ...(stats === undefined ? { error: 'no answer' } : { version: '1.6.39', stats }),
  };
  return {
    release: RELEASE,
    workload: workload.object,
    ref: refOf(workload.object),
    pods: [{ pod: object, current }],
    settings: [settings],
    uptimes: new Map([['cart-1', 40]]),
    rows: sideBySide(manifest?.object, workload.object, [settings]),
    replicaSets: [],
    isHelm: false,
    ways: {},
  };
}

const ONE_DONE = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };

interface SubjectOptions {
  pod?: JsonObject;
  current?: boolean;
  stats?: Record<string, string>;
  /** Helm's. */
  manifest?: Fixture;
  /** The pod's. */
  args?: string[];
}
