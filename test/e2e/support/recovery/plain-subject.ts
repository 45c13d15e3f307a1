import assert from 'node:assert/strict';
import { arrayAt, cloneJson, type JsonObject, objectAt, stringAt } from '../../../../src/model/json/json.ts';
import { displayName, nameOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import type { TestCluster } from '../../../cluster/cluster.ts';
import { eventually } from '../eventually.ts';
import { applied, type PlainRelease } from '../fixtures/plain-yaml.ts';
import { leftIn, podsAreGone } from '../left-in.ts';
import { statsSettings, type Whom } from '../memcached.ts';
import { byHand } from './added-objects.ts';
import { type Content, EARLIER, envList, LATEST, upgradesFrom } from './content.ts';
import { assertHolds, assertRunsWith, type Subject } from './subject.ts';

/** A kind of release that somebody applied with kubectl, and what is special about it. */
export interface PlainKind {
  release: PlainRelease;
  /** The object that carries the memory: arguments of the workload, or a ConfigMap that it mounts. */
  settingsIn?: 'configmap';
  flags?: string[];
  refusal?: RegExp;
  code?: 5;
  whom?: Whom;
  /** Objects of the fixture that are not the release's. */
  others?: string[];
}

export async function plainSubject(cluster: TestCluster, kind: PlainKind): Promise<Subject> {
  const { release, settingsIn, flags = [], refusal, code = 0, whom, others = [] } = kind;
  const workload = release.ready!;
  const own = release.objects.filter((object) => !others.includes(nameOf(object)));
  const original = (content: Content) => own.map((object) => withContent(object, content));
  const beside = release.objects.filter((object) => others.includes(nameOf(object)));
  const fixture = await applied(cluster, { ...release, objects: [...beside, ...original(EARLIER)] });
  const { cli, kubectl, name } = fixture;
  const subject: Subject = {
    fixture,
    workload,
    pods: 1,
    flags,
    refusal,
    code,
    settings: () => statsSettings(kubectl, name, whom),
    misconfigure: async () => {
      const wrong = original({ ...EARLIER, memory: 8 });
      await kubectl.apply(...wrong);
      await kubectl.ok('set', 'env', workload, 'BY_HAND=1', 'TIER=other');
      await kubectl.ok('annotate', workload, 'example.org/by-hand=yes');
      await kubectl.apply(...byHand(name));
      if (settingsIn === 'configmap') await kubectl.ok('rollout', 'restart', workload);
      await assertRunsWith(subject, { ...EARLIER, memory: 8 });
    },
    assertTidied: async () => {
      const hands = byHand(name).map((object) => displayName(refOf(object)));
      // They are there, or it fails; from here on they would only be in the way.
      await kubectl.objects.delete(...hands);
    },
    remove: async () => {
      await kubectl.objects.delete(...own.map((object) => displayName(refOf(object))));
      await podsAreGone(kubectl);
      await eventually(async () => {
        const left = (await leftIn(kubectl)).map((object) => object.split('/')[1]!);
        assert.deepEqual(
          left.filter((object) => !others.includes(object)),
          [],
          'left after kubectl delete',
        );
      });
    },
    record: async () => ({}),
    neighbour: async () => undefined,
    restoreNeighbour: async () => {},
    goesOn: async (content, stepByStep) => {
      await assertApplyChangesNothing(content);
      for (const step of upgradesFrom(content, stepByStep)) {
        await kubectl.apply(...original(step));
        await assertHolds(subject, { env: step.env, annotations: step.annotations });
      }
      await kubectl.apply(...original(content));
      await assertHolds(subject, { env: content.env, annotations: content.annotations });
      await assertRunsWith(subject, content);
    },
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
  try {
    await cli.ok('backup', name);
    await kubectl.apply(...original(LATEST));
    if (settingsIn === 'configmap') await kubectl.ok('rollout', 'restart', workload);
    await assertRunsWith(subject, LATEST);
    await assertApplyChangesNothing(LATEST);
    await cli.ok('backup', name);
    return subject;
  } catch (error) {
    await subject[Symbol.asyncDispose]();
    throw error;
  }

  async function assertApplyChangesNothing(content: Content): Promise<void> {
    const outcome = await kubectl.applying(...original(content));
    assert.equal(outcome.stderr, '', 'kubectl apply warns of nothing');
    assert.deepEqual(
      outcome.stdout.trim().split('\n'),
      original(content).map((object) => `${displayName(refOf(object))} ${sayingOfKubectl(object)}`),
      'kubectl apply of the original',
    );
  }
}

/**
 * What `kubectl apply` says of an object that it need not change. Of a PodDisruptionBudget (whose selector has
 * the patch strategy "replace") and of a Secret with stringData it always says "configured".
 */
function sayingOfKubectl(object: JsonObject): string {
  const always = object.kind === 'PodDisruptionBudget' || object.stringData !== undefined;
  return always ? 'configured' : 'unchanged';
}

/** An object of a fixture with the content that it can carry. */
function withContent(object: JsonObject, { memory, env, annotations }: Content): JsonObject {
  const copy = cloneJson(object);
  const data = objectAt(copy, 'data');
  const args = stringAt(data, 'args');
  if (data !== undefined && args !== undefined) data.args = args.replace(/-m \d+/, `-m ${memory}`);
  const template = objectAt(copy, 'spec', 'template');
  if (template === undefined) return copy;
  const container = arrayAt(template, 'spec', 'containers')[0] as JsonObject;
  const command = arrayAt(container, 'command');
  const flag = command.indexOf('-m');
  if (flag >= 0) command[flag + 1] = String(memory);
  container.env = envList(env);
  (template.metadata as JsonObject).annotations = annotations;
  return copy;
}
