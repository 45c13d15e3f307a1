import assert from 'node:assert/strict';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../../../src/model/json/json.ts';
import { nameOf } from '../../../../src/model/kubernetes/object.ts';
import { eventually } from '../eventually.ts';
import type { Fixture } from '../release.ts';
import { rolledOut } from '../rollout.ts';
import { type Content, maxbytes } from './content.ts';

/** A release with two backups of it, EARLIER and LATEST, that is damaged and restored again and again. */
export interface Subject extends AsyncDisposable {
  fixture: Fixture;
  /** "deployment/my-memcached" */
  workload: string;
  pods: number;
  /** What every restore of it has to be told. */
  flags: string[];
  /** What a restore says that is not told so; absent where it works all the same. */
  refusal: RegExp | undefined;
  /** What a restore that worked ends with: 5 where pods answer nobody but their clients. */
  code: 0 | 5;
  /** `stats settings` of every pod, asked without the tool. */
  settings(): Promise<Record<string, string>[]>;
  /** Changes its settings, by the ways that there are, and what belongs to it. */
  misconfigure(): Promise<void>;
  /** What a restore of that must have taken away, and what it must have left. */
  assertTidied(): Promise<void>;
  /** Takes it away, and sees that nothing of it is left. */
  remove(): Promise<void>;
  /** What Helm knows of the release, to the byte; empty without Helm. */
  record(): Promise<Record<string, unknown>>;
  /** Somebody else's release in the same namespace, if there is one, exactly as it is. */
  neighbour(): Promise<unknown>;
  /** Where it went with the namespace. */
  restoreNeighbour(): Promise<void>;
  /** What people do with a release that was restored to `content`, which it holds again in the end. */
  goesOn(content: Content, stepByStep: boolean): Promise<void>;
}

/** Every pod that there should be says itself that it runs with these settings, once they are rolled out. */
export async function assertRunsWith(subject: Subject, content: Content): Promise<void> {
  // Whoever watches burns less than whoever asks again and again.
  await rolledOut(subject.fixture.kubectl, subject.workload, 90_000);
  await eventually(async () => {
    const pods = await subject.settings();
    assert.deepEqual(
      pods.map((settings) => settings.maxbytes),
      Array.from({ length: subject.pods }, () => maxbytes(content)),
      'maxbytes of every pod',
    );
  }, 60_000);
}

/** Env, annotations and ConfigMaps in the cluster are those of `content`, neither more nor less. */
export async function assertHolds(
  { fixture, workload }: Pick<Subject, 'fixture' | 'workload'>,
  content: Partial<Content>,
): Promise<void> {
  const { kubectl, name } = fixture;
  const [kind, ofWorkload] = workload.split('/');
  const objects = await kubectl.objects.list(`${kind},configmaps`);
  const maps = objects.filter(
    (object) => stringAt(object, 'metadata', 'labels', 'example.org/content') === 'notes',
  );
  const isWorkload = (object: JsonObject) => object.kind !== 'ConfigMap' && nameOf(object) === ofWorkload;
  const template = objectAt(objects.find(isWorkload), 'spec', 'template');
  const [container] = arrayAt(template, 'spec', 'containers');
  const env = arrayAt(container, 'env')
    .filter((entry) => !/^MEMCACHED_|PASSWORD/.test(stringAt(entry, 'name') ?? ''))
    .map((entry) => [stringAt(entry, 'name'), stringAt(entry, 'value')]);
  assert.deepEqual(Object.fromEntries(env), content.env, 'env');
  const { 'kubectl.kubernetes.io/restartedAt': _restart, ...annotations } =
    objectAt(template, 'metadata', 'annotations') ?? {};
  assert.deepEqual(annotations, content.annotations, 'annotations');
  if (content.notes === undefined) return;
  const notes = maps.map((map) => [nameOf(map), stringAt(map, 'data', 'text')]);
  assert.deepEqual(
    Object.fromEntries(notes),
    Object.fromEntries(Object.entries(content.notes).map(([key, text]) => [`${name}-${key}`, text])),
    'ConfigMaps',
  );
}
