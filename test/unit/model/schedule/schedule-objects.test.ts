import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../../../src/model/json/json.ts';
import { toYaml } from '../../../../src/model/json/yaml.ts';
import { keyOf, nameOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import { backupMaker, isScheduleOfTool } from '../../../../src/model/schedule/backup-cronjob.ts';
import {
  drillObjectsThatCanBe,
  isOfSchedule,
  objectsThatCanBe,
  scheduleObjects,
} from '../../../../src/model/schedule/schedule-objects.ts';
import type { ScheduledDrill, ScheduleSpec } from '../../../../src/model/schedule/schedule-spec.ts';
import { drillsOf } from '../../../../src/model/schedule/scheduled-drill.ts';
import { scheduledStore } from '../../../../src/model/schedule/scheduled-store.ts';
import { runRules } from '../../../../src/permissions/run-rules.ts';
import { assertGolden } from '../../golden.ts';

function aSpec(over: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return {
    name: 'memcached-backup',
    namespace: 'cache',
    cron: '0 2 * * *',
    timeZone: 'Europe/Berlin',
    image: 'memcached-backup:0.1.0',
    account: { name: 'memcached-backup', isOurs: true, annotations: {} },
    args: [
      'backup',
      '-n',
      'cache',
      '--store',
      'pvc://cache/backups',
      '--termination-log',
      '/dev/termination-log',
    ],
    env: {},
    secrets: [],
    claim: { name: 'backups', create: { storage: '1Gi' } },
    activeDeadlineSeconds: 1800,
    ttlSeconds: 691200,
    rules: runRules({ namespace: 'cache', allNamespaces: false, isOnClaim: true }),
    ...over,
  };
}

const DRILL: ScheduledDrill = {
  cron: '0 4 1 */3 *',
  into: { name: 'cache-drill', create: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
  account: { name: 'memcached-backup-drill', isOurs: true, annotations: {} },
  args: ['drill', '--all', '-n', 'cache', '--into', 'cache-drill', '--store', 'pvc://cache/backups', '--yes'],
  secrets: [{ use: 'identity', name: 'backup-key' }],
  activeDeadlineSeconds: 3600,
  ttlSeconds: 31_104_000,
  rules: [
    {
      namespace: 'cache-drill',
      apiGroups: ['apps'],
      resources: ['deployments'],
      verbs: ['create'],
      why: 'what the drill makes',
    },
    {
      namespace: 'kube-system',
      apiGroups: [''],
      resources: ['namespaces'],
      verbs: ['get'],
      resourceNames: ['kube-system'],
      optional: true,
      why: 'tells this cluster from others',
    },
  ],
};

const yamlOf = (spec: ScheduleSpec): string =>
  scheduleObjects(spec)
    .map(({ object, why }) => `# ${why}\n${toYaml(object)}`)
    .join('---\n');

describe('the objects of a schedule are as their golden files', () => {
  test('on a claim that is made', () => assertGolden('schedule/claim.yaml', yamlOf(aSpec())));
  test('with drills', () => {
    const drills = scheduleObjects(aSpec({ drill: DRILL })).slice(scheduleObjects(aSpec()).length);
    const text = drills.map(({ object, why }) => `# ${why}\n${toYaml(object)}`).join('---\n');
    return assertGolden('schedule/drill.yaml', text);
  });
  test('of all namespaces, in S3, with keys of a Secret', () => {
    const spec = aSpec({
      namespace: 'ops',
      args: ['backup', '-A', '--store', 's3://b/f', '--termination-log', '/dev/termination-log'],
      env: { AWS_REGION: 'eu-central-1' },
      secrets: [{ use: 's3', name: 's3-keys' }],
      caConfigMap: 'our-ca',
      rules: runRules({ namespace: 'ops', allNamespaces: true, isOnClaim: false }),
    });
    const { claim: _, ...rest } = spec;
    return assertGolden('schedule/s3-all-namespaces.yaml', yamlOf(rest));
  });
  test('in Git, by SSH, signed, of an account of somebody else', () => {
    const { claim: _, ...rest } = aSpec({
      account: { name: 'irsa', isOurs: false, annotations: {} },
      args: ['backup', 'my-memcached', '-n', 'cache', '--store', 'git+ssh://git@git.example/b.git'],
      secrets: [
        { use: 'git-ssh', name: 'deploy-key', key: 'identity' },
        { use: 'sign', name: 'signing' },
      ],
    });
    return assertGolden('schedule/git.yaml', yamlOf(rest));
  });
});

test('a cluster-wide role bears the name of its schedule, so that no other loses it', () => {
  const everywhere = (namespace: string) =>
    scheduleObjects(
      aSpec({ namespace, rules: runRules({ namespace, allNamespaces: true, isOnClaim: false }) }),
    )
      .map(({ object }) => object)
      .filter(({ kind }) => kind === 'ClusterRole' || kind === 'ClusterRoleBinding')
      .map(nameOf);
  assert.deepEqual(everywhere('ops'), ['memcached-backup:ops', 'memcached-backup:ops']);
  assert.deepEqual(everywhere('audit'), ['memcached-backup:audit', 'memcached-backup:audit']);
});

test('without -A nothing is cluster-wide', () => {
  const kinds = scheduleObjects(aSpec()).map(({ object }) => String(object.kind));
  assert.deepEqual(
    kinds.filter((kind) => kind.startsWith('Cluster')),
    [],
  );
});

test('all that is made, but for the claim, is found again by name and labels', () => {
  for (const allNamespaces of [false, true]) {
    const spec = aSpec({ rules: runRules({ namespace: 'cache', allNamespaces, isOnClaim: true }) });
    const canBe = new Set(objectsThatCanBe(spec).map(keyOf));
    for (const { object } of scheduleObjects(spec)) {
      assert.ok(isOfSchedule(object, spec.name), nameOf(object));
      assert.equal(isOfSchedule(object, 'another'), false);
      if (object.kind !== 'PersistentVolumeClaim')
        assert.ok(canBe.has(keyOf(refOf(object))), `${object.kind} ${nameOf(object)}`);
    }
  }
});

test('so is all that drills need, but for their namespace, and it is no backup to anybody', () => {
  const spec = aSpec({ drill: DRILL });
  const made = scheduleObjects(spec).map(({ object }) => object);
  const cronJob = made.at(-1)!;
  assert.deepEqual(drillsOf(cronJob), { release: undefined, into: 'cache-drill', target: undefined });
  const canBe = [...objectsThatCanBe(spec), ...drillObjectsThatCanBe(spec, drillsOf(cronJob).into)];
  const keys = new Set(canBe.map(keyOf));
  for (const object of made) {
    assert.ok(isOfSchedule(object, spec.name), nameOf(object));
    if (!['PersistentVolumeClaim', 'Namespace'].includes(String(object.kind)))
      assert.ok(keys.has(keyOf(refOf(object))), `${object.kind} ${nameOf(object)}`);
  }
  assert.equal(canBe.at(-1)?.kind, 'CronJob', 'it alone tells where the drills are held');
  assert.equal(backupMaker(cronJob), undefined);
  assert.equal(isScheduleOfTool(cronJob), false);
  // Its account may do nothing where the release is.
  const roles = made.filter(({ kind }) => kind === 'Role').map(refOf);
  assert.deepEqual(
    roles.filter(({ name }) => name.includes('-drill')).map(({ namespace }) => namespace),
    ['cache-drill', 'kube-system'],
  );
});

test('the store of a schedule is found by what it is started with', () => {
  const cronJob = scheduleObjects(aSpec()).at(-1)!.object;
  assert.equal(scheduledStore(cronJob)?.location, 'pvc://cache/backups');
});

test('no word of a run is filled in by the kubelet', () => {
  const cronJob = scheduleObjects(aSpec({ args: ['backup', '-l', 'team=$(HOME)', 'a$b'] })).at(-1)!.object;
  const [container] = arrayAt(podSpec(cronJob), 'containers') as JsonObject[];
  assert.deepEqual(container?.args, ['backup', '-l', 'team=$$(HOME)', 'a$b']);
});

test('no Secret is made, and none is read whole', () => {
  const objects = scheduleObjects(aSpec({ secrets: [{ use: 's3', name: 'keys' }] })).map(
    ({ object }) => object,
  );
  assert.equal(
    objects.some(({ kind }) => kind === 'Secret'),
    false,
  );
  const [container] = arrayAt(podSpec(objects.at(-1)!), 'containers') as JsonObject[];
  assert.equal(container?.envFrom, undefined);
});

test('a pod is let in by Pod Security "restricted"', () => {
  const spec = podSpec(scheduleObjects(aSpec()).at(-1)!.object);
  const [container] = arrayAt(spec, 'containers') as JsonObject[];
  assert.equal(objectAt(spec, 'securityContext')?.runAsNonRoot, true);
  assert.equal(stringAt(spec, 'securityContext', 'seccompProfile', 'type'), 'RuntimeDefault');
  assert.deepEqual(objectAt(container, 'securityContext'), {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

function podSpec(cronJob: JsonObject): JsonObject {
  return objectAt(cronJob, 'spec', 'jobTemplate', 'spec', 'template', 'spec') ?? {};
}

test('a run that pushes metrics knows of which schedule it is, and no other does', () => {
  const envOf = (args: string[]): string => {
    const cronJob = scheduleObjects(aSpec({ name: 'nightly', args })).at(-1)!.object;
    const template = objectAt(cronJob, 'spec', 'jobTemplate', 'spec', 'template', 'spec');
    return JSON.stringify(arrayAt(template, 'containers').flatMap((container) => arrayAt(container, 'env')));
  };
  const says = '{"name":"MEMCACHED_BACKUP_SCHEDULE","value":"nightly"}';
  assert.ok(envOf(['backup', '--push-gateway', 'http://gateway:9091']).includes(says));
  assert.ok(!envOf(['backup']).includes('SCHEDULE'));
});
