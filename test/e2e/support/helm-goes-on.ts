import assert from 'node:assert/strict';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../../src/model/json/json.ts';
import { eventually } from './eventually.ts';
import { leftIn, podsAreGone } from './left-in.ts';
import { statsSettings } from './memcached.ts';
import type { TestRelease } from './release.ts';
import { NEXT_SETTINGS, NEXT_VALUES, RICH_SETTINGS, RICH_VALUES } from './rich-values.ts';

/**
 * What people do with a release after it was restored, and what must be true of it: an upgrade that changes
 * one thing and removes others, a rollback, the history, and an uninstall that leaves nothing.
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

  const history = await helm.history(name);
  assert.deepEqual(
    history.map((entry) => entry.revision),
    Array.from({ length: restored.revision + 2 }, (_, i) => i + 1),
    'helm history has every revision, the old ones too',
  );
  assert.deepEqual(
    history.filter((entry) => entry.status === 'deployed').map((entry) => entry.revision),
    [restored.revision + 2],
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
  await assertObjects(release, RICH_VALUES, 1);
}

async function assertIsNext(release: TestRelease): Promise<void> {
  await assertSettings(release, NEXT_SETTINGS);
  await assertObjects(release, NEXT_VALUES, 0);
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

async function assertObjects(release: TestRelease, values: JsonObject, budgets: 0 | 1): Promise<void> {
  const { objects } = release.kubectl;
  const [deployment, budgetList, policies] = await Promise.all([
    objects.get(`deployment/${release.fullname}`),
    objects.list('poddisruptionbudgets'),
    objects.list('networkpolicies'),
  ]);
  const [container] = arrayAt(deployment, 'spec', 'template', 'spec', 'containers');
  const given = arrayAt(container, 'env').filter((entry) => stringAt(entry, 'value') !== undefined);
  assert.deepEqual(given, values.extraEnv, 'env');
  assert.deepEqual(
    objectAt(deployment, 'spec', 'template', 'metadata', 'annotations'),
    values.podAnnotations,
    'annotations',
  );
  assert.equal(budgetList.length, budgets, 'PodDisruptionBudgets');
  assert.equal(policies.length, 1, 'NetworkPolicies');
}
