import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { installedRelease, memcachedOf } from '../../../scripts/build/warm-up-release.ts';
import { takeBackup } from '../../../src/backup/take-backup.ts';
import type { DoctorContext } from '../../../src/doctor/doctor-context.ts';
import type { DoctorScope } from '../../../src/doctor/doctor-scope.ts';
import { examineAll } from '../../../src/doctor/examine-all.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { keyOf, refOf } from '../../../src/model/kubernetes/object.ts';
import type { ModelServer } from '../../support/api-server.ts';
import { releaseBesideMarkedCopy } from '../../support/marked-copy.ts';
import { modelCluster } from '../../support/model-cluster.ts';
import { contextOf } from '../../support/released-model.ts';
import { scripted } from '../memcached/scripted-stream.ts';

interface Hooks {
  /** Before a list is answered, which waits for it. */
  onList?: (kind: string) => Promise<void> | undefined;
  onDial?: (pod: string) => void;
}

/** A cluster with the release "cart" of two pods, and whatever is asked of it, in order. */
function cluster(server: ModelServer, { onList, onDial }: Hooks): { kube: KubeClient; asked: string[] } {
  const asked: string[] = [];
  const model = modelCluster(server, {});
  const kube: KubeClient = {
    ...model,
    raw: (path) => {
      asked.push(path);
      return model.raw(path);
    },
    connectionFacts: async () => {
      asked.push('/version');
      return {
        serverVersion: 'v1.34.4',
        clocks: undefined,
        serverCertificateEnds: undefined,
        credentialsEnd: undefined,
      };
    },
    get: (ref) => {
      asked.push(`get ${keyOf(ref)}`);
      return model.get(ref);
    },
    listAs: async (type, query, keep) => {
      asked.push(`list ${type.kind} ${JSON.stringify(query)}`);
      await onList?.(type.kind);
      return model.listAs(type, query, keep);
    },
    list: (type, query) => {
      asked.push(`list ${type.kind} ${JSON.stringify(query)}`);
      return model.list(type, query);
    },
    create: (object, options) => {
      asked.push(`create ${object.kind} ${refOf(object).name} ${JSON.stringify(object.spec)}`);
      return model.create(object, options);
    },
    replace: (object, options) => {
      asked.push(`update ${keyOf(refOf(object))}`);
      return model.replace(object, options);
    },
    portForward: async (namespace, name) => {
      asked.push(`port-forward ${name}`);
      onDial?.(name);
      const answerTo = memcachedOf(server.get({ apiVersion: 'v1', kind: 'Pod', namespace, name })!);
      return scripted((written) =>
        written
          .split('\r\n')
          .slice(0, -1)
          .flatMap((line) => answerTo(line) ?? []),
      ).stream;
    },
  };
  return { kube, asked };
}

/** Examines the release after a backup of it. @returns the codes of what was found, and what was asked for it. */
async function examined(
  t: TestContext,
  server: ModelServer,
  { hooks = {}, scope = {} }: { hooks?: Hooks; scope?: Partial<DoctorScope> } = {},
): Promise<{ codes: string[]; asked: string[]; doctor: DoctorContext | undefined }> {
  const folder = await mkdtemp(join(tmpdir(), 'examine-all-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const plain = contextOf(server, folder, {});
  const saved = { namespace: 'shop', release: 'cart', kind: 'backup' as const, startedAt: new Date() };
  await takeBackup(cluster(server, {}).kube, await plain.store(), saved, plain);
  const { kube, asked } = cluster(server, hooks);
  const { findings, doctor } = await examineAll(
    { releases: ['cart'], allNamespaces: false, areas: [], intervalMs: 0, ...scope },
    { ...plain, kube: async () => kube },
  );
  return { codes: findings.map(({ code }) => code), asked, doctor };
}

const dials = (asked: readonly string[]): string[] =>
  asked.filter((each) => each.startsWith('port-forward ')).sort();
const BOTH = ['port-forward cart-1-a', 'port-forward cart-1-b'];

test('nothing is asked twice: no list, no object, no version, no review, no pod', async (t) => {
  for (const releases of [['cart'], []]) {
    const { codes, asked } = await examined(t, installedRelease(), { scope: { releases } });
    assert.ok(codes.includes('MB400') && codes.includes('MB500'), codes.join());
    assert.deepEqual(
      asked.filter((each, index) => asked.indexOf(each) !== index),
      [],
    );
    assert.deepEqual(dials(asked), BOTH);
  }
});

test('the pods, the store’s cluster and one’s rights are asked while lists are still on their way', async (t) => {
  const { promise: dialled, resolve } = Promise.withResolvers<void>();
  // None of these lists is answered before a pod was dialled.
  const onList = (kind: string) =>
    /^(Role|NetworkPolicy|PersistentVolumeClaim|Event|Node)$/.test(kind) ? dialled : undefined;
  const { asked } = await examined(t, installedRelease(), {
    hooks: { onList, onDial: () => resolve() },
  });
  const early = asked.slice(
    0,
    asked.findIndex((each) => BOTH.includes(each)),
  );
  assert.deepEqual(dials(asked), BOTH);
  for (const wanted of [/^get .*Namespace.*kube-system/, /^create SelfSubjectRulesReview/, /^\/version/])
    assert.ok(
      early.some((each) => wanted.test(each)),
      `${wanted} is not among\n${early.join('\n')}`,
    );
});

test('a restore is rehearsed without waiting for the second look at the pods', async (t) => {
  const { doctor } = await examined(t, installedRelease(), { scope: { areas: ['access'] } });
  const [release] = doctor!.releases;
  const [backup] = await doctor!.backupsOf(release!);
  const never = { ...release!, observe: () => new Promise<never>(() => {}) };
  const { plan } = await doctor!.rehearse(never, backup!.address);
  assert.equal(plan.nothingToDo, true);
});

test('a pod that only bears the marks of the release is looked at in vain, and its own are looked at anew', async (t) => {
  const { codes, asked } = await examined(t, releaseBesideMarkedCopy());
  assert.ok(codes.includes('MB400'), codes.join());
  assert.deepEqual(dials(asked), [...BOTH, ...BOTH, 'port-forward copy-1-a'].sort());
});
