import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CachedPod } from '../../../src/doctor/cache/cached-pod.ts';
import { judgeConnections } from '../../../src/doctor/cache/connections.ts';
import { judgeExposure } from '../../../src/doctor/cache/exposure.ts';
import { judgeItems } from '../../../src/doctor/cache/items.ts';
import { judgeListeners } from '../../../src/doctor/cache/listeners.ts';
import { judgeMemory } from '../../../src/doctor/cache/memory.ts';
import { judgeRestarts } from '../../../src/doctor/cache/restarts.ts';
import { gatherSignals } from '../../../src/doctor/cache/signal.ts';
import { judgeSilence } from '../../../src/doctor/cache/silence.ts';
import { judgeAutoscalers, judgeReplicas } from '../../../src/doctor/cache/topology.ts';
import { judgeBudgets } from '../../../src/doctor/rollout/budget.ts';
import { judgePausedWorkloads } from '../../../src/doctor/rollout/paused-workloads.ts';
import { judgeReadAtStart } from '../../../src/doctor/rollout/read-at-start.ts';
import { sideBySide } from '../../../src/doctor/rollout/side-by-side.ts';
import { blockedPods, judgeRollout } from '../../../src/doctor/rollout/stuck.ts';
import { judgeUnreadConfigMaps } from '../../../src/doctor/rollout/unread-config.ts';
import { backupSchedules } from '../../../src/doctor/schedule/backup-schedule.ts';
import { judgeDue } from '../../../src/doctor/schedule/due.ts';
import { judgeCreation } from '../../../src/doctor/schedule/job-creation.ts';
import { judgeNeeds } from '../../../src/doctor/schedule/missing.ts';
import { judgeRuns } from '../../../src/doctor/schedule/newest-run.ts';
import { judgeOwnSchedule } from '../../../src/doctor/schedule/own-schedule.ts';
import { judgeScriptSafety } from '../../../src/doctor/schedule/script-safety.ts';
import { judgeClaimExists, judgeHeld } from '../../../src/doctor/storage/claim-held.ts';
import { judgePending } from '../../../src/doctor/storage/claim-pending.ts';
import { judgeSpace } from '../../../src/doctor/storage/claim-space.ts';
import { claimsInUse, podsUsing } from '../../../src/doctor/storage/claims.ts';
import { judgeCredentials } from '../../../src/doctor/storage/s3-credentials.ts';
import { isObject } from '../../../src/model/json/json.ts';
import { eventsOf } from '../../../src/model/kubernetes/event.ts';
import { type KubeObject, refOf } from '../../../src/model/kubernetes/object.ts';
import { podsOfWorkload } from '../../../src/model/kubernetes/workload.ts';
import { readSchedule } from '../../../src/model/schedule/cron-schedule.ts';
import { toolSchedules } from '../../../src/model/schedule/schedule-facts.ts';
import { scheduleObjects } from '../../../src/model/schedule/schedule-objects.ts';
import { podTargets } from '../../../src/model/settings/pod-settings.ts';
import { aContainer, anAutoscaler, anObject, aService } from '../../support/objects.ts';
import { aCachedPod } from './cache/a-cached-pod.ts';
import { oddly } from './odd-objects.ts';
import { aSubject, NOW } from './rollout/a-subject.ts';
import { aCronJob, aJob, aPod } from './schedule/objects.ts';

/** Nothing of it makes the judges fail, whatever they find. */
async function bears(object: KubeObject, judge: (odd: KubeObject) => unknown): Promise<void> {
  for (const [where, odd] of oddly(object)) {
    await assert.doesNotReject(async () => judge(odd), where);
  }
}

const ENV = [
  { name: 'MEMCACHED_CACHE_SIZE', value: '64' },
  { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
];
const CONTAINER = aContainer({
  env: ENV,
  envFrom: [{ configMapRef: { name: 'env' } }],
  resources: { limits: { memory: '64Mi' }, requests: { memory: '64Mi' } },
  readinessProbe: { tcpSocket: { port: 'memcache' }, initialDelaySeconds: 5, periodSeconds: 1 },
  startupProbe: { tcpSocket: { port: 'memcache' }, failureThreshold: 3 },
});
const VOLUMES = [
  { name: 'claim', persistentVolumeClaim: { claimName: 'backups' } },
  { name: 'all', projected: { sources: [{ secret: { name: 'keys', items: [{ key: 'a' }] } }] } },
  { name: 'settings', configMap: { name: 'settings' } },
];
const TERMINATED = { reason: 'Error', exitCode: 1, message: 'no', finishedAt: '2026-11-24T11:00:00Z' };
const STATUS = {
  phase: 'Pending',
  reason: 'Evicted',
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: 'no',
      lastTransitionTime: 'x',
    },
    { type: 'Ready', status: 'False' },
  ],
  initContainerStatuses: [{ name: 'first', state: { terminated: TERMINATED } }],
  containerStatuses: [
    {
      name: 'memcached',
      ready: false,
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'no' } },
      lastState: { terminated: TERMINATED },
    },
    { name: 'runs', ready: false, state: { running: { startedAt: '2026-11-24T11:00:00Z' } } },
  ],
};
const event = (kind: string, name: string, namespace = 'shop'): KubeObject =>
  anObject('v1', 'Event', 'e', namespace).with({
    involvedObject: { kind, name, namespace, apiVersion: 'v1', uid: 'u' },
    reason: 'FailedMount',
    message: 'no',
    count: 3,
    series: { count: 2, lastObservedTime: '2026-11-24T11:00:00Z' },
    lastTimestamp: '2026-11-24T11:00:00Z',
  }).object;

describe('objects that lack fields, or have others than the API promises, end no examination', () => {
  const subject = aSubject(
    {
      spec: {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
        template: { spec: { volumes: VOLUMES, containers: [CONTAINER] } },
      },
      status: {
        availableReplicas: 0,
        conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' }],
      },
    },
    { pod: { spec: { volumes: VOLUMES, containers: [CONTAINER] }, status: STATUS } },
  );
  const pod = subject.pods[0]!.pod;
  const rollout = (workload: KubeObject, seen: KubeObject, said: KubeObject = event('Pod', 'cart-1')) => {
    const pods = [...podsOfWorkload(workload, [], [seen]), { pod: seen, current: true }];
    const settings = podTargets([workload], [], [seen]).map(({ known }) => known);
    const own = { ...subject, workload, ref: refOf(workload), pods, settings };
    const judged = { ...own, rows: sideBySide(workload, workload, settings) };
    const blocked = blockedPods(pods, [said], NOW);
    judgeRollout(judged, blocked, [said], new Map());
    judgePausedWorkloads(judged);
    judgeReadAtStart(judged, () => seen);
    judgeUnreadConfigMaps([], [workload, seen], subject.release);
  };
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet'];
  for (const kind of kinds)
    test(kind, () => bears({ ...subject.workload, kind }, (workload) => rollout(workload, pod)));
  test('a pod', () => bears(pod, (odd) => rollout(subject.workload, odd)));
  test('an event', () => bears(event('Pod', 'cart-1'), (odd) => rollout(subject.workload, pod, odd)));
  const budget = anObject('policy/v1', 'PodDisruptionBudget', 'b').with({
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'cart' } } },
    status: { expectedPods: 1, currentHealthy: 1, disruptionsAllowed: 0, observedGeneration: 1 },
  }).object;
  test('a budget', () => bears(budget, (odd) => judgeBudgets(subject, [odd])));

  const cached = aCachedPod({
    container: CONTAINER,
    pod: { status: STATUS },
    stats: { bytes: 10, evictions: [0, 50], store_no_memory: [0, 1], rejected_connections: [0, 1] },
  });
  const cache = (each: Partial<CachedPod>) => {
    const judges = [judgeConnections, judgeMemory, judgeRestarts, judgeItems, judgeListeners, judgeSilence];
    const seen = { ...cached, ...each };
    gatherSignals([seen], judges, NOW);
    judgeExposure([seen], [], []);
  };
  test('a cached pod', () => bears(cached.pod, (odd) => cache({ pod: odd })));
  test('its container', () => bears(cached.container, (container) => cache({ container })));
  test('its workload', () => bears(cached.workload, (workload) => cache({ workload })));
  const [, status] = STATUS.containerStatuses;
  test('its status', () => bears(status!, (odd) => cache({ status: odd })));
  const service = aService('cart').with({ spec: { type: 'NodePort', externalIPs: ['192.0.2.1'] } }).object;
  test('a Service', () =>
    bears(service, (odd) => {
      judgeExposure([cached], [odd], []);
      judgeReplicas([cached, cached], [odd]);
    }));
  const policy = anObject('networking.k8s.io/v1', 'NetworkPolicy', 'p').with({
    spec: {
      podSelector: { matchLabels: { app: 'cart' } },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 1, endPort: 2 }], from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
    },
  }).object;
  test('a NetworkPolicy', () => bears(policy, (odd) => judgeExposure([cached], [service], [odd])));
  const scaler = anAutoscaler('h', 'cart').with({ spec: { metrics: [{ resource: { name: 'memory' } }] } });
  test('an autoscaler', () => bears(scaler.object, (odd) => judgeAutoscalers([cached], [odd])));

  const script = 'kubectl get configmap my-memcached -o yaml > /backup/x; aws s3 cp /backup s3://b';
  const cronJob = aCronJob({
    spec: { startingDeadlineSeconds: 5, concurrencyPolicy: 'Forbid', timeZone: 'Etc/UTC' },
    status: { lastScheduleTime: '2026-11-20T02:00:00Z', lastSuccessfulTime: '2026-11-20T02:00:00Z' },
    pod: { volumes: VOLUMES, serviceAccountName: 'backup' },
    container: { command: ['sh', '-c', script], env: ENV },
  });
  const job = aJob({
    end: { type: 'Failed', at: '2026-11-20T02:00:00Z', reason: 'BackoffLimitExceeded' },
    spec: { template: { spec: { containers: [{ name: 'backup' }] } } },
  });
  const run = aPod({ ...STATUS, containerStatuses: [{ ...STATUS.containerStatuses[0]!, name: 'backup' }] });
  const schedule = async (of: { cronJob?: KubeObject; job?: KubeObject; run?: KubeObject }) => {
    const reader = { list: async () => [of.run ?? run], log: async () => 'helm: not found' };
    for (const backup of backupSchedules([of.cronJob ?? cronJob], [of.job ?? job], [])) {
      const events = eventsOf([event('CronJob', 'memcached-backup', 'cache')], refOf(backup.cronJob));
      judgeDue({ ...backup, schedule: await readSchedule(backup.cronJob), events, now: NOW });
      judgeNeeds(backup, () => 'absent');
      judgeCreation(backup, [{ reason: 'FailedCreate', message: 'violates PodSecurity', at: '', count: 1 }]);
      judgeScriptSafety(backup);
      judgeCredentials(backup.cronJob, () => 'absent');
      await judgeRuns(reader, backup, { events: [event('Job', 'run', 'cache')], now: NOW });
    }
  };
  test('a backup CronJob', () => bears(cronJob, (odd) => schedule({ cronJob: odd })));
  test('a schedule of this tool', () =>
    bears(scheduleOfTool(), async (odd) => {
      judgeOwnSchedule({ cronJob: odd }, await readSchedule(odd), NOW);
      await toolSchedules([odd], NOW);
      await schedule({ cronJob: odd });
    }));
  test('its Job', () => bears(job, (odd) => schedule({ job: odd })));
  test('its pod', () => bears(run, (odd) => schedule({ run: odd })));

  const claim = anObject('v1', 'PersistentVolumeClaim', 'backups').with({
    metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'n' }, creationTimestamp: 'x' },
    spec: {
      storageClassName: 'by-hand',
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Gi' } },
    },
    status: { phase: 'Pending' },
  }).object;
  const byHand = anObject('storage.k8s.io/v1', 'StorageClass', 'by-hand').with({
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  }).object;
  const volume = anObject('v1', 'PersistentVolume', 'v').with({
    spec: { storageClassName: 'by-hand', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
    status: { phase: 'Available' },
  }).object;
  const storage = (of: { claim?: KubeObject; classes?: KubeObject[]; volumes?: KubeObject[] }) => {
    const wanted = of.claim ?? claim;
    for (const use of claimsInUse([cronJob, { ...subject.workload, kind: 'StatefulSet' }], [refOf(wanted)])) {
      const supply = { classes: of.classes ?? [byHand], volumes: of.volumes ?? [volume] };
      judgePending({ claim: wanted, use }, [], supply, NOW);
      judgeClaimExists(wanted, use);
      judgeHeld(
        use,
        podsUsing(use.ref, [run, pod]).map((each) => ({ pod: each, events: [] })),
      );
    }
  };
  test('a claim', () => bears(claim, (odd) => storage({ claim: odd })));
  test('a StorageClass', () => bears(byHand, (odd) => storage({ classes: [odd] })));
  test('a PersistentVolume', () => bears(volume, (odd) => storage({ volumes: [odd] })));
  const space = { availableBytes: 1, capacityBytes: 100, inodesFree: 1, inodes: 100 };
  const summary = { pods: [{ volume: [{ pvcRef: { name: 'backups', namespace: 'shop' }, ...space }] }] };
  const [use] = claimsInUse([], [refOf(claim)]);
  test('what a kubelet measures', () => bears(summary, (odd) => isObject(odd) && judgeSpace(use!, [odd])));
});

function scheduleOfTool(): KubeObject {
  const made = scheduleObjects({
    name: 'memcached-backup',
    namespace: 'cache',
    cron: '0 2 * * *',
    timeZone: 'Etc/UTC',
    image: 'memcached-backup:1',
    account: { name: 'memcached-backup', isOurs: true, annotations: {} },
    args: ['backup', '-A', '--store', 'pvc://cache/backups', '--keep-last', '3'],
    env: {},
    secrets: [{ use: 's3', name: 'aws' }],
    claim: { name: 'backups' },
    activeDeadlineSeconds: 20,
    ttlSeconds: 604_800,
    rules: [],
  });
  return made.at(-1)!.object;
}
