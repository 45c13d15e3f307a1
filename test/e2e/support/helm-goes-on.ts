import assert from 'node:assert/strict';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../../src/model/json/json.ts';
import { eventually } from './eventually.ts';
import type { Kubectl } from './kubectl.ts';
import { leftIn, podsAreGone } from './left-in.ts';
import { statsSettings } from './memcached.ts';
import type { TestRelease } from './release.ts';
import { NEXT_SETTINGS, NEXT_VALUES, RICH_SETTINGS, RICH_VALUES } from './rich-values.ts';

/**
 * What people do with a release after it was restored, and what must be true of it: an upgrade that changes
 * one thing and removes others, rollbacks there and back, the history, and an uninstall that leaves nothing.
 * The release has RICH_VALUES when this starts.
 */
export async function helmGoesOn(release: TestRelease): Promise<void> {
  const { helm, name, values } = release;
  const restored = (await helm.history(name)).at(-1)!;
  await assertIsRich(release);

  await release.upgrade({ ...values, ...NEXT_VALUES });
  await assertIsNext(release);
  await helm.ok('rollback', name, String(restored.revision), '--wait', '--timeout', '90s');
  await assertIsRich(release);
  await helm.ok('rollback', name, String(restored.revision + 1), '--wait', '--timeout', '90s');
  await assertIsNext(release);

  const history = await helm.history(name);
  assert.deepEqual(
    history.map((entry) => entry.revision),
    Array.from({ length: restored.revision + 3 }, (_, i) => i + 1),
    'helm history has every revision, the old ones too',
  );
  assert.deepEqual(
    history.filter((entry) => entry.status === 'deployed').map((entry) => entry.revision),
    [restored.revision + 3],
    'one revision is deployed',
  );
  await helm.ok('uninstall', name, '--wait');
  await podsAreGone(release.kubectl, `app.kubernetes.io/instance=${name}`);
  await eventually(async () =>
    assert.deepEqual(await leftIn(release.kubectl), [], 'left after helm uninstall'),
  );
}

/** Settings, env, annotations and objects are those of RICH_VALUES. */
export async function assertIsRich(release: TestRelease): Promise<void> {
  await assertSettings(release, RICH_SETTINGS);
  await assertTemplate(release, RICH_VALUES);
  assert.equal(await count(release.kubectl, 'poddisruptionbudgets'), 1);
  assert.equal(await count(release.kubectl, 'networkpolicies'), 1);
}

async function assertIsNext(release: TestRelease): Promise<void> {
  await assertSettings(release, NEXT_SETTINGS);
  await assertTemplate(release, NEXT_VALUES);
  assert.equal(await count(release.kubectl, 'poddisruptionbudgets'), 0, 'the PodDisruptionBudget is gone');
  assert.equal(await count(release.kubectl, 'networkpolicies'), 1);
}

/** Every pod says so itself. */
export async function assertSettings(release: TestRelease, wanted: Record<string, string>): Promise<void> {
  const pods = await eventually(async () => {
    const settings = await statsSettings(release.kubectl, release.name);
    assert.equal(settings.length, release.values.replicaCount ?? 1, 'pods');
    return settings;
  });
  for (const settings of pods) {
    const shown = Object.fromEntries(Object.keys(wanted).map((key) => [key, settings[key]]));
    assert.deepEqual(shown, wanted);
  }
}

async function assertTemplate(release: TestRelease, values: JsonObject): Promise<void> {
  const deployment = await release.kubectl.json('get', 'deployment', release.fullname);
  const [container] = arrayAt(deployment, 'spec', 'template', 'spec', 'containers');
  const given = arrayAt(container, 'env').filter((entry) => stringAt(entry, 'value') !== undefined);
  assert.deepEqual(given, values.extraEnv, 'env');
  assert.deepEqual(
    objectAt(deployment, 'spec', 'template', 'metadata', 'annotations'),
    values.podAnnotations,
    'annotations',
  );
}

async function count(kubectl: Kubectl, kind: string): Promise<number> {
  return arrayAt(await kubectl.json('get', kind), 'items').length;
}
