import assert from 'node:assert/strict';
import { isObject, type JsonObject, objectAt, stringAt } from '../../../../src/model/json/json.ts';
import { nameOf } from '../../../../src/model/kubernetes/object.ts';
import { eventually } from '../eventually.ts';
import { exactObjects } from '../exact-objects.ts';
import { killUpgrade } from '../fixtures/helm-releases.ts';
import type { HelmBinary } from '../helm.ts';
import { leftIn, podsAreGone } from '../left-in.ts';
import { statsSettings } from '../memcached.ts';
import type { TestRelease } from '../release.ts';
import { byHand, laterObjects } from './added-objects.ts';
import { type Content, EARLIER, envList, LATEST, upgradesFrom } from './content.ts';
import { assertHolds, assertRunsWith, type Subject } from './subject.ts';

/** A kind of release that Helm installs, and what is special about it. */
export interface HelmKind {
  install(helm: HelmBinary, values: JsonObject): Promise<TestRelease>;
  /** The chart's own values for a content; `objects` are of the user's own, as texts. */
  values(content: Content, objects: string[]): JsonObject;
  workload: string;
  pods?: number;
  /** Of its memcached pods, where it has others. */
  label?: string;
  flags?: string[];
  refusal?: RegExp;
  /** What `helm uninstall` leaves of this kind in any case: hooks' objects, claims of a StatefulSet. */
  leaves?: string[];
  /** LATEST is an upgrade during which Helm was killed. */
  stuck?: true;
  /** Another release in the same namespace. */
  neighbour?(release: TestRelease, helm: HelmBinary): Promise<TestRelease>;
}

export async function helmSubject(kind: HelmKind, binary: HelmBinary): Promise<Subject> {
  const release = await kind.install(binary, kind.values(EARLIER, notes(EARLIER)));
  const { cli, helm, kubectl, name } = release;
  const { workload, pods = 1, label, flags = [], refusal, leaves = [], stuck = false } = kind;
  const valuesOf = (content: Content, objects: string[] = []) =>
    over(release.values, kind.values(content, [...notes(content), ...objects]));
  const settings = () => statsSettings(kubectl, name, label === undefined ? {} : { label });
  const neighbour = await kind.neighbour?.(release, binary);
  const isNeighbours = (object: string) =>
    neighbour !== undefined && object.split(/[/.-]/).includes(neighbour.name);

  const subject: Subject = {
    fixture: release,
    workload,
    pods,
    flags,
    refusal,
    code: 0,
    settings,
    misconfigure: async () => {
      if (!stuck) await release.upgradeBadly(valuesOf({ ...EARLIER, memory: 8 }, laterObjects(workload)));
      await kubectl.ok('set', 'env', workload, 'BY_HAND=1', 'TIER=other');
      if (stuck) await kubectl.ok('set', 'env', workload, 'MEMCACHED_CACHE_SIZE=8');
      await kubectl.ok('annotate', workload, 'example.org/by-hand=yes');
      await kubectl.apply(...byHand(name));
      await assertRunsWith(subject, { ...EARLIER, memory: 8 });
    },
    assertTidied: async () => {
      const there = await kubectl.ok('get', 'hpa,networkpolicy,pvc,configmap', '-o', 'name');
      const added = there.split('\n').filter((object) => /-(later|kept|by-hand)$/.test(object));
      const kept = stuck ? [] : [`configmap/${name}-kept`, `persistentvolumeclaim/${name}-later`];
      const hands = byHand(name).map((object) => `${resourceOf(object)}/${nameOf(object)}`);
      assert.deepEqual(added.sort(), [...kept, ...hands].sort(), 'what was added since the backup');
      // From here on they would only be in the way.
      await kubectl.ok('delete', ...added, '--wait=false');
    },
    remove: async () => {
      await helm.ok('uninstall', name);
      await podsAreGone(kubectl, `app.kubernetes.io/instance=${name}`);
      await eventually(async () => {
        const left = (await leftIn(kubectl)).filter((object) => !isNeighbours(object));
        assert.deepEqual(left, [...leaves].sort(), 'left after helm uninstall');
      });
    },
    record: () => recordOf(release, stuck),
    neighbour: async () =>
      neighbour === undefined
        ? undefined
        : {
            objects: await exactObjects(kubectl, neighbour.name),
            history: await neighbour.helm.history(neighbour.name),
            settings: await statsSettings(kubectl, neighbour.name),
          },
    restoreNeighbour: async () => {
      if (neighbour === undefined) return;
      await neighbour.cli.ok('restore', neighbour.name, '--yes');
    },
    goesOn: async (content, stepByStep) => {
      const history = await helm.history(name);
      const restored = history.at(-1)!;
      const back = restored.revision;
      const start = content;
      const older = history.slice(0, -1);
      if (restored.status === 'failed') {
        // What was pending at the backup goes on no more, and is in nobody's way.
        assert.ok(stuck, 'only an operation that was cut off is marked failed');
        assert.equal(older.at(-1)?.status, 'deployed', 'the revision before it');
      } else assertWhole(history, back);
      const closed = restored.status === 'failed' ? older.slice(0, -1) : older;
      const open = closed.filter(({ status }) => !/^(superseded|failed)$/.test(status));
      assert.deepEqual(open, [], 'no older revision is open');
      const steps = upgradesFrom(start, stepByStep);
      for (const step of steps) {
        await release.upgradeBadly(valuesOf(step));
        await assertHolds(subject, step);
      }
      if (stepByStep) await assertRunsWith(subject, steps.at(-1)!);
      await helm.ok('rollback', name, String(back));
      await assertHolds(subject, start);
      await assertRunsWith(subject, start);
      assertWhole(await helm.history(name), back + steps.length + 1);
    },
    [Symbol.asyncDispose]: async () => {
      await neighbour?.[Symbol.asyncDispose]();
      await release[Symbol.asyncDispose]();
    },
  };
  try {
    await cli.ok('backup', name);
    if (stuck) {
      const external = JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: `${name}-external` },
        // Nobody here gives it an address, and Helm waits for one.
        spec: { type: 'LoadBalancer', selector: { app: 'nothing' }, ports: [{ port: 11211 }] },
      });
      // The workload comes last of what Helm installs: the rest is as it is to be by then.
      const { env, annotations } = LATEST;
      await killUpgrade(release, valuesOf(LATEST, [external]), () =>
        assertHolds(subject, { env, annotations }),
      );
    } else await release.upgradeBadly(valuesOf(LATEST));
    await assertRunsWith(subject, LATEST);
    await cli.ok('backup', name);
    await neighbour?.cli.ok('backup', neighbour.name);
    return subject;
  } catch (error) {
    await subject[Symbol.asyncDispose]();
    throw error;
  }
}

function notes(content: Content): string[] {
  return Object.entries(content.notes).map(([key, text]) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `{{ .Release.Name }}-${key}`, labels: { 'example.org/content': 'notes' } },
      data: { text },
    }),
  );
}

/**
 * What Helm says of a release, and its records, every revision to the byte.
 * @param stuck of its newest revision all but what a restore changes in one that was pending.
 */
async function recordOf(
  { helm, kubectl, name }: TestRelease,
  stuck: boolean,
): Promise<Record<string, unknown>> {
  const kind = helm.env.HELM_DRIVER === 'configmap' ? 'configmaps' : 'secrets';
  const [records, history, all] = await Promise.all([
    kubectl.objects.list(kind, `owner=helm,name=${name}`),
    helm.history(name),
    helm.ok('get', 'all', name),
  ]);
  // Values, manifest, notes and hooks.
  const words = stuck ? all.replace(/^STATUS: .*$/m, '') : all;
  const newest = String(history.at(-1)!.revision);
  const stored = records.map((record) => {
    const { status, modifiedAt, ...labels } = objectAt(record, 'metadata', 'labels') ?? {};
    const type = stringAt(record, 'type');
    const isMarked = stuck && labels.version === newest;
    const all = { type, labels: { ...labels, status, modifiedAt }, data: record.data };
    return [nameOf(record), isMarked ? { type, labels } : all];
  });
  const told = history.map((entry) => {
    const { status: _, description: __, ...rest } = entry as { status: string; description?: string };
    return stuck && String(entry.revision) === newest ? rest : entry;
  });
  return { records: Object.fromEntries(stored), history: told, words };
}

/** An upgrade or a rollback of Helm's leaves as many revisions (--history-max). */
const KEPT = 10;

/** Every revision is there, of the old ones all that Helm keeps, and one is deployed: the newest. */
function assertWhole(history: { revision: number; status: string }[], newest: number): void {
  assert.deepEqual(
    history.map(({ revision }) => revision),
    Array.from({ length: newest }, (_, i) => i + 1).slice(-Math.max(KEPT, history.length)),
    'helm history',
  );
  const deployed = history.filter(({ status }) => status === 'deployed').map(({ revision }) => revision);
  assert.deepEqual(deployed, [newest], 'the deployed revision');
}

function resourceOf(object: JsonObject): string {
  const kind = String(object.kind).toLowerCase();
  const group = String(object.apiVersion).split('/').slice(0, -1).join('');
  return group === '' ? kind : `${kind}.${group}`;
}

/** Values with others in their place, key by key; an umbrella's are those of its subchart. */
function over(values: JsonObject, others: JsonObject): JsonObject {
  const { memcached } = others;
  const both = isObject(memcached) ? { memcached: { ...objectAt(values, 'memcached'), ...memcached } } : {};
  return { ...values, ...others, ...both };
}

/** The values of test/charts/memcached. */
export function argumentValues(content: Content, objects: string[]): JsonObject {
  return {
    memcached: { maxMemory: content.memory },
    extraEnv: envList(content.env),
    podAnnotations: content.annotations,
    extraDeploy: objects,
  };
}

/** The values of test/charts/cache. */
export function environmentValues(content: Content, objects: string[]): JsonObject {
  return {
    cacheSize: content.memory,
    extraEnv: envList(content.env),
    podAnnotations: content.annotations,
    extraDeploy: objects,
  };
}
