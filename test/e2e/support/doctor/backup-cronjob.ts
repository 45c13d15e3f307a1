import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { TestCluster } from '../../../cluster/cluster.ts';
import { created } from '../fixtures/plain-yaml.ts';
import type { Fixture } from '../release.ts';
import { hasCondition } from '../wait-for.ts';
import { spoilt } from './faulty-release.ts';

export const BACKUP = 'memcached-backup';

/** What is different from a backup that works. Each is merged into its part. */
export interface Spoiled {
  /** After `set -e`, unless it stands there itself. */
  script?: string;
  spec?: JsonObject;
  job?: JsonObject;
  pod?: JsonObject;
  container?: JsonObject;
  /** Of the CronJob. */
  labels?: Record<string, string>;
  /** Objects beside it. */
  beside?: JsonObject[];
}

/** The images here have no kubectl: a function of the shell stands in for it. */
const KUBECTL = 'kubectl() { echo "kind: ConfigMap"; }';
export const SAVE = 'kubectl get configmap my-memcached -o yaml > /backup/config.yaml';

/** A CronJob as people write it by hand, with a service account that may read what it reads. */
export function aBackupCronJob(cluster: TestCluster, spoiled: Spoiled = {}): Promise<Fixture> {
  const { script = `set -e\n${SAVE}`, spec, job, pod, container, labels = {}, beside = [] } = spoiled;
  const cronJob = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: BACKUP, labels },
    spec: {
      schedule: '0 0 1 1 *',
      ...spec,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          ...job,
          template: {
            spec: {
              serviceAccountName: 'backup',
              restartPolicy: 'Never',
              terminationGracePeriodSeconds: 1,
              volumes: [{ name: 'backup', emptyDir: {} }],
              ...pod,
              containers: [
                {
                  name: 'backup',
                  image: cluster.images.toolbox ?? cluster.images.memcached,
                  command: ['/bin/sh', '-c', `${KUBECTL}\n${script}`],
                  volumeMounts: [{ name: 'backup', mountPath: '/backup' }],
                  resources: { requests: { cpu: '1m', memory: '8Mi' } },
                  ...container,
                },
              ],
            },
          },
        },
      },
    },
  };
  return created(cluster, { name: BACKUP, objects: [...reader(), ...beside, cronJob] });
}

/** The service account of the backup, which may read everything in its namespace. */
function reader(): JsonObject[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'backup' } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'backup' },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'backup' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'backup' },
      subjects: [{ kind: 'ServiceAccount', name: 'backup' }],
    },
  ];
}

/** Runs it at once, by hand, and waits until its Job says so. */
export async function run(faulty: Promise<Fixture>, outcome: 'Complete' | 'Failed'): Promise<Fixture> {
  return spoilt(faulty, async ({ kubectl }) => {
    await startRun(kubectl);
    await hasCondition(kubectl, 'job/run', outcome, 90_000);
  });
}

/** Runs it at once, by hand, and waits until a pod or an event says this. */
export async function runUntil(
  faulty: Promise<Fixture>,
  kind: 'pods' | 'events',
  pattern: RegExp,
): Promise<Fixture> {
  return spoilt(faulty, async ({ kubectl }) => {
    await startRun(kubectl);
    await kubectl.objects.until(kind, (found) =>
      assert.match(JSON.stringify(found).replaceAll('\\"', '"'), pattern),
    );
  });
}

export async function startRun(kubectl: Fixture['kubectl']): Promise<void> {
  await kubectl.ok('create', 'job', `--from=cronjob/${BACKUP}`, 'run');
}

/** A run as the controller starts it, without the mark that kubectl leaves on one started by hand. */
export function startedByItself(faulty: Promise<Fixture>): Promise<Fixture> {
  return spoilt(faulty, async ({ kubectl }) => {
    const dryRun = ['create', 'job', `--from=cronjob/${BACKUP}`, 'run', '--dry-run=client'];
    const job = await kubectl.json(...dryRun);
    await kubectl.apply({ ...job, metadata: { ...(job.metadata as JsonObject), annotations: {} } });
  });
}

/** As if the CronJob's controller had written it. */
export function withStatus(faulty: Promise<Fixture>, status: JsonObject): Promise<Fixture> {
  return spoilt(faulty, async ({ kubectl }) => {
    const patch = ['--type=merge', '-p', JSON.stringify({ status })];
    await kubectl.ok('patch', 'cronjob', BACKUP, '--subresource=status', ...patch);
  });
}

/** An event that the CronJob's controller would have to be waited for. */
export function withEvent(faulty: Promise<Fixture>, reason: string, message: string): Promise<Fixture> {
  return spoilt(faulty, async ({ kubectl, namespace }) => {
    const cronJob = await kubectl.objects.get(`cronjob/${BACKUP}`);
    const uid = String((cronJob.metadata as JsonObject).uid);
    // Whole seconds, and nothing that a controller dates by its own clock may look newer.
    const now = new Date(Date.now() + 5000).toISOString().replace(/\.\d+/, '');
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'by-hand' },
      involvedObject: { apiVersion: 'batch/v1', kind: 'CronJob', name: BACKUP, namespace, uid },
      type: 'Warning',
      reason,
      message,
      source: { component: 'cronjob-controller' },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  });
}
