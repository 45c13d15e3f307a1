import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';

export const NAMESPACE = 'cache';

interface Told {
  spec?: JsonObject;
  status?: JsonObject;
  created?: string;
  /** Of the pod template. */
  pod?: JsonObject;
  container?: JsonObject;
}

/** A backup CronJob, due every night at two. */
export function aCronJob({
  spec,
  status,
  created = '2026-01-01T00:00:00Z',
  pod,
  container,
}: Told = {}): KubeObject {
  const template = { spec: { containers: [{ name: 'backup', image: 'kubectl', ...container }], ...pod } };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'memcached-backup', namespace: NAMESPACE, uid: 'cron', creationTimestamp: created },
    spec: { schedule: '0 2 * * *', ...spec, jobTemplate: { spec: { template } } },
    ...(status === undefined ? {} : { status }),
  };
}

export interface JobTold {
  name?: string;
  started?: string;
  /** The condition that ended it. */
  end?: { type: 'Complete' | 'Failed'; at: string; reason?: string; message?: string };
  spec?: JsonObject;
  annotations?: JsonObject;
}

/** A Job of that CronJob. */
export function aJob({
  name = 'run',
  started = '2026-11-26T02:00:00Z',
  end,
  spec,
  annotations,
}: JobTold = {}): KubeObject {
  const condition =
    end === undefined
      ? []
      : [
          {
            type: end.type,
            status: 'True',
            lastTransitionTime: end.at,
            reason: end.reason ?? '',
            message: end.message ?? '',
          },
        ];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `job-${name}`,
      creationTimestamp: started,
      ownerReferences: [{ kind: 'CronJob', name: 'memcached-backup', uid: 'cron', controller: true }],
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: { template: { spec: { containers: [], restartPolicy: 'OnFailure' } }, ...spec },
    status: { startTime: started, failed: 1, conditions: condition },
  };
}

/** A pod of that Job. */
export function aPod(status: JsonObject, spec: JsonObject = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'run-x',
      namespace: NAMESPACE,
      uid: 'pod',
      creationTimestamp: '2026-11-26T02:00:01Z',
      ownerReferences: [{ kind: 'Job', name: 'run', uid: 'job-run', controller: true }],
    },
    spec: { containers: [{ name: 'backup', image: 'kubectl:1' }], ...spec },
    status,
  };
}

/** status of a pod whose only container is in this state. */
export function inState(state: JsonObject, lastState: JsonObject = {}): JsonObject {
  return { phase: 'Pending', containerStatuses: [{ name: 'backup', image: 'kubectl:1', state, lastState }] };
}

export function anEvent(reason: string, message: string, at = '2026-11-26T02:00:05Z') {
  return { reason, message, at, count: 1 };
}
