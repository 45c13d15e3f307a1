import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type JsonObject, stringAt } from '../../../../src/model/json/json.ts';
import { displayName } from '../../../../src/model/kubernetes/object.ts';
import { eventually } from '../eventually.ts';
import { exactObjectsNamed, withoutVolumes } from '../exact-objects.ts';
import { askAt } from '../memcached.ts';
import { expectCode } from '../process.ts';
import { backupsIn, manifestsOf, newestBackup, type StoredBackup } from '../store-files.ts';
import { EARLIER, LATEST } from './content.ts';
import { assertRunsWith, type Subject } from './subject.ts';

/** A way in which a release is damaged, and what is restored then. */
interface Scenario {
  what: string;
  /** Whether it starts with the release in place. */
  from: 'live' | 'removed';
  damage?(subject: Subject): Promise<void>;
  /** After the restore. */
  assert?(subject: Subject): Promise<void>;
  backup: 'latest' | 'earlier';
  /** One step after the other, each with new pods, instead of all that an upgrade can do at once. */
  stepByStep?: true;
}

/** Those that start with the release in place come first: it is removed after the last of them, and after each other. */
const SCENARIOS = {
  workload: {
    what: 'full recreation: the workload was deleted',
    from: 'live',
    damage: async ({ fixture: { kubectl }, workload }) => {
      await kubectl.objects.delete(workload);
    },
    backup: 'latest',
  },
  configuration: {
    what: 'configuration only: changed by an upgrade, which also added objects, and by hand',
    from: 'live',
    damage: (subject) => subject.misconfigure(),
    assert: (subject) => subject.assertTidied(),
    backup: 'latest',
    stepByStep: true,
  },
  earlier: { what: 'return to an earlier backup', from: 'live', backup: 'earlier' },
  removed: { what: 'full recreation: the release was removed', from: 'removed', backup: 'latest' },
  namespace: {
    what: 'full recreation: the namespace was deleted',
    from: 'removed',
    damage: async ({ fixture: { kubectl, namespace } }) => {
      await kubectl.objects.delete(`namespace/${namespace}`);
    },
    assert: (subject) => subject.restoreNeighbour(),
    backup: 'latest',
  },
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

/** What the richest kinds of release go through. */
export const ALL_SCENARIOS = Object.keys(SCENARIOS) as ScenarioName[];

/**
 * Damages a release in these ways, one after the other, and restores it each time: its pods say that it runs with
 * the backup's settings, it is exact, and Helm or kubectl go on with it until it is removed, and nothing is left.
 */
export async function recover(
  subject: Subject,
  scenarios: readonly ScenarioName[],
  context: TestContext,
): Promise<void> {
  const { cli, kubectl, name: release } = subject.fixture;
  const backups = { latest: newestBackup(cli.store), earlier: backupsIn(cli.store)[0]! };
  const own = backups.latest.document.objects.filter(({ role }) => role !== 'recorded').map(displayName);
  const exact = () => exactObjectsNamed(kubectl, own);
  const asBackedUp = { objects: await exact(), record: await subject.record() };
  const restore = (backup: StoredBackup, ...flags: string[]) =>
    cli.run('restore', `${release}@${backup.document.id}`, '--yes', ...flags);
  const inOrder: Scenario[] = ALL_SCENARIOS.filter((name) => scenarios.includes(name)).map(
    (name) => SCENARIOS[name],
  );
  let live = true;
  let sound = true;

  for (const [index, scenario] of inOrder.entries()) {
    // One that failed leaves a state that says nothing about the next.
    if (!sound) return;
    const { what, from, backup: which, stepByStep = false } = scenario;
    await context.test(what, async () => {
      sound = false;
      const backup = backups[which];
      const content = { latest: LATEST, earlier: EARLIER }[which];
      if (from === 'removed' && live) await subject.remove();
      await scenario.damage?.(subject);
      const neighbour = from === 'live' ? await subject.neighbour() : undefined;
      if (stepByStep && subject.refusal !== undefined) {
        const damaged = await exact();
        assert.match(expectCode(await restore(backup), 1).stderr, subject.refusal);
        assert.deepEqual(await exact(), damaged, 'a refused restore writes nothing');
      }

      expectCode(await restore(backup, ...subject.flags), subject.code);

      await assertRunsWith(subject, content);
      await scenario.assert?.(subject);
      if (from === 'removed') {
        await assertSameBackup(subject, backup);
        assert.deepEqual(await subject.record(), asBackedUp.record, "Helm's history");
        const now = await exact();
        assert.deepEqual(withoutVolumes(now), withoutVolumes(asBackedUp.objects), EXACT);
        await assertServicesAnswer(subject, Object.values(now));
      } else if (which === 'latest') {
        assert.deepEqual(await exact(), asBackedUp.objects, EXACT);
      } else await assertSameBackup(subject, backup);
      await subject.goesOn(content, stepByStep);
      if (from === 'live') assert.deepEqual(await subject.neighbour(), neighbour, 'the release beside it');
      live = inOrder[index + 1]?.from === 'live';
      if (!live) await subject.remove();
      sound = true;
    });
  }
}

/** Services too: the addresses that they had are free again, and are theirs again. */
const EXACT = 'every object, and who owns which field';

/** memcached answers at the address of every Service that has one. */
async function assertServicesAnswer({ fixture, workload }: Subject, objects: JsonObject[]): Promise<void> {
  const services = objects.filter(
    (object) => object.kind === 'Service' && stringAt(object, 'spec', 'type') === 'ClusterIP',
  );
  for (const address of services.map((service) => stringAt(service, 'spec', 'clusterIP')!)) {
    if (address === 'None') continue;
    await eventually(async () => {
      assert.match(await askAt(fixture.kubectl, workload, address, 'version'), /^VERSION 1\./);
    });
  }
}

/** The restored release, backed up again, gives the same manifests to the byte, in the same namespace. */
async function assertSameBackup({ fixture: { cli, name } }: Subject, backup: StoredBackup): Promise<void> {
  const store = join(cli.store, '..', 'again');
  await cli.ok('backup', name, '--store', store);
  const again = newestBackup(store);
  assert.deepEqual(manifestsOf(again), manifestsOf(backup), 'manifests/');
  assert.deepEqual(again.document.namespace, backup.document.namespace, 'labels of the namespace');
}
