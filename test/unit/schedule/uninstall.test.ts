import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InterruptedError, ToolError } from '../../../src/errors/tool-error.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import {
  displayName,
  type KubeObject,
  keyOf,
  type ObjectRef,
  refOf,
} from '../../../src/model/kubernetes/object.ts';
import {
  drillLabels,
  drillObjectsThatCanBe,
  objectsThatCanBe,
  scheduleLabels,
} from '../../../src/model/schedule/schedule-objects.ts';
import { planUninstall, uninstall } from '../../../src/schedule/uninstall.ts';
import { aCronJob } from '../doctor/schedule/objects.ts';

const SCHEDULE = { namespace: 'cache', name: 'nightly' };
const REFS = objectsThatCanBe(SCHEDULE);

function made(ref: ObjectRef, labels: Record<string, string> = scheduleLabels('nightly')): KubeObject {
  const { apiVersion, kind, name, namespace } = ref;
  const where = namespace === undefined ? {} : { namespace };
  const object = { apiVersion, kind, metadata: { name, ...where, uid: `uid of ${keyOf(ref)}`, labels } };
  if (kind !== 'CronJob') return object;
  const args = ['backup', '-A', '-n', 'cache', '--store', 'pvc://cache/backups/eu'];
  const volumes = [{ name: 'store', persistentVolumeClaim: { claimName: 'backups' } }];
  const { spec } = aCronJob({
    container: { args },
    pod: { containers: [{ name: 'backup', args }], volumes },
  });
  return { ...object, spec: spec!, status: { active: [{ name: 'nightly-1' }] } };
}

function kube(objects: KubeObject[], denied: (ref: ObjectRef) => boolean = () => false) {
  const deleted: [string, string, boolean | undefined][] = [];
  return {
    deleted,
    get: async (ref: ObjectRef) => {
      if (denied(ref)) throw forbidden('get', ref);
      return objects.find((object) => keyOf(refOf(object)) === keyOf(ref));
    },
    delete: async (ref: ObjectRef, { uid, dryRun }: { uid: string; dryRun?: boolean }) => {
      if (denied(ref)) throw forbidden('delete', ref);
      deleted.push([displayName(ref), uid, dryRun]);
      return true;
    },
  };
}

function forbidden(verb: string, { kind, name }: ObjectRef): ApiError {
  const resource = `${kind.toLowerCase()}s`;
  const message = `${resource} "${name}" is forbidden: User "u" cannot ${verb} resource "${resource}" in API group ""`;
  return new ApiError({ status: 403, reason: 'Forbidden', message }, { verb, group: '', resource });
}

describe('what an uninstall deletes', () => {
  test('is what an install makes, the CronJob first, each as it was seen; the claim and the store stay', async () => {
    const cluster = kube(REFS.map((ref) => made(ref)));
    const planned = await planUninstall(cluster, SCHEDULE);
    assert.equal(planned.objects[0]?.ref.kind, 'CronJob');
    assert.equal(planned.objects.length, REFS.length);
    assert.deepEqual(planned.running, ['nightly-1']);
    assert.equal(planned.location, 'pvc://cache/backups/eu');
    assert.deepEqual(planned.claims, ['backups']);
    const told: string[] = [];
    const options = { dryRun: false, signal: new AbortController().signal };
    await uninstall(cluster, planned, { ...options, onDeleted: (ref) => told.push(displayName(ref)) });
    assert.deepEqual(
      cluster.deleted,
      REFS.map((ref) => [displayName(ref), `uid of ${keyOf(ref)}`, false]),
    );
    assert.equal(told.length, REFS.length);
    assert.ok(!cluster.deleted.some(([name]) => name.startsWith('persistentvolumeclaim')));
  });

  test('a ClusterRole is its own: the one of another namespace’s schedule has another name', () => {
    const of = (namespace: string): string[] =>
      objectsThatCanBe({ ...SCHEDULE, namespace })
        .filter((ref) => ref.namespace === undefined || ref.namespace === 'kube-system')
        .map(keyOf);
    assert.equal(of('cache').length, 4);
    assert.deepEqual(
      of('cache').filter((key) => of('shop').includes(key)),
      [],
    );
  });

  test('what lacks a label of this schedule is somebody else’s, and stays', async () => {
    const labels = scheduleLabels('nightly');
    for (const label of Object.keys(labels)) {
      const { [label]: _, ...others } = labels;
      for (const theirs of [others, { ...others, [label]: 'theirs' }]) {
        const [cronJob, ...rest] = REFS;
        const planned = await planUninstall(
          kube([made(cronJob!, theirs), ...rest.map((ref) => made(ref))]),
          SCHEDULE,
        );
        assert.ok(!planned.objects.some(({ ref }) => ref.kind === 'CronJob'), label);
        assert.deepEqual(planned.foreign, [cronJob]);
        assert.equal(planned.location, undefined);
      }
    }
  });

  test('takes what drills need, their CronJob last; the namespace that they were held in stays, and is named', async () => {
    const drills = drillObjectsThatCanBe(SCHEDULE, 'cache-drill');
    const own = drills.map((ref) => made(ref, drillLabels('nightly')));
    const args = ['drill', '--all', '-n', 'cache', '--into', 'cache-drill'];
    own.at(-1)!.spec = aCronJob({ container: { args } }).spec!;
    const cluster = kube([...REFS.map((ref) => made(ref)), ...own]);
    const planned = await planUninstall(cluster, SCHEDULE);
    assert.deepEqual(
      planned.objects.map(({ ref }) => keyOf(ref)),
      [...REFS, ...drills].map(keyOf),
    );
    assert.ok(drills.some(({ kind, namespace }) => kind === 'Role' && namespace === 'cache-drill'));
    assert.equal(planned.drillsInto, 'cache-drill');
    assert.equal(planned.location, 'pvc://cache/backups/eu');
    const left = await planUninstall(kube(own), SCHEDULE);
    assert.equal(left.objects.length, drills.length, 'an uninstall that was cut off goes on');
    const theirs = kube(drills.map((ref) => made(ref, { app: 'theirs' })));
    assert.deepEqual((await planUninstall(theirs, SCHEDULE)).objects, []);
  });

  test('nothing is there: nothing is planned', async () => {
    const { objects, unseen } = await planUninstall(kube([]), SCHEDULE);
    assert.deepEqual([objects, unseen], [[], []]);
  });

  test('what may not be seen is told, and what this schedule has of it is needed', async () => {
    const isAway = ({ namespace }: ObjectRef): boolean => namespace !== 'cache';
    const planned = await planUninstall(
      kube(
        REFS.map((ref) => made(ref)),
        isAway,
      ),
      SCHEDULE,
    );
    assert.deepEqual(
      planned.unseen.map(({ ref, isNeeded }) => [ref.kind, isNeeded]),
      [
        ['ClusterRoleBinding', true],
        ['ClusterRole', true],
        ['RoleBinding', false],
        ['Role', false],
      ],
    );
    assert.equal(planned.objects.length, 4);
  });

  test('where the CronJob may not be seen its account stays', async () => {
    const isCronJob = ({ kind }: ObjectRef): boolean => kind === 'CronJob';
    await assert.rejects(
      planUninstall(
        kube(
          REFS.map((ref) => made(ref)),
          isCronJob,
        ),
        SCHEDULE,
      ),
      ApiError,
    );
  });

  test('a delete that is refused ends it, and says what is gone by now', async () => {
    const all = kube(REFS.map((ref) => made(ref)));
    const planned = await planUninstall(all, SCHEDULE);
    const cluster = kube([], ({ kind }) => kind === 'RoleBinding');
    const options = { dryRun: false, signal: new AbortController().signal, onDeleted: () => {} };
    await assert.rejects(uninstall(cluster, planned, options), (error) => {
      assert.ok(error instanceof ToolError);
      assert.match(error.message, /^rolebinding.*nightly could not be deleted: .*cannot delete/);
      assert.match(error.untouched ?? '', /^deleted so far: cronjob\.batch\/nightly, clusterrolebinding/);
      return true;
    });
  });

  test('a dry run is one for the server', async () => {
    const cluster = kube(REFS.map((ref) => made(ref)));
    const options = { dryRun: true, signal: new AbortController().signal, onDeleted: () => {} };
    await uninstall(cluster, await planUninstall(cluster, SCHEDULE), options);
    assert.ok(cluster.deleted.every(([, , dryRun]) => dryRun === true));
  });

  test('Ctrl-C ends it between two objects, and says what is gone by now', async () => {
    const cluster = kube(REFS.map((ref) => made(ref)));
    const interruption = new AbortController();
    const options = { dryRun: false, signal: interruption.signal };
    const onDeleted = (): void => interruption.abort(new InterruptedError());
    const interrupted = uninstall(cluster, await planUninstall(cluster, SCHEDULE), { ...options, onDeleted });
    await assert.rejects(interrupted, (error) => {
      assert.ok(error instanceof InterruptedError);
      assert.equal(error.untouched, 'deleted so far: cronjob.batch/nightly');
      return true;
    });
    assert.equal(cluster.deleted.length, 1);
  });
});
