import { readSoundSource } from '../backup/read-sound-source.ts';
import type { RestoreSource } from '../backup/source.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Inventory } from '../kube/inventory.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../model/json/json.ts';
import { type KubeObject, keyOf } from '../model/kubernetes/object.ts';
import { isMemcachedWorkload, podTemplateOf } from '../model/kubernetes/workload.ts';
import type { DifferingSettings, RefusedWrite, Rehearsal } from '../model/plan/rehearsal.ts';
import type { PodSettings } from '../model/records/backup-format.ts';
import { settingsDifference } from '../model/settings/settings-difference.ts';
import { settingsInShort } from '../model/settings/settings-in-short.ts';
import type { CommandContext } from '../session/context.ts';
import type { BackupAddress, Store } from '../store/store.ts';
import { abandonedOperations } from './plan/helm-plan.ts';
import { claimRefusals, heldRefusals } from './plan/plan-deletions.ts';
import { isImmutable, refusalsOf } from './plan/plan-refusals.ts';
import { planOver } from './plan/plan-release.ts';
import { unservedKinds } from './plan/unserved-kinds.ts';

/** What the backup is rehearsed on. */
export interface Stage {
  kube: KubeClient;
  store: Store;
  /** Of the namespace: kinds that the backup holds beyond the usual ones are added. */
  inventory: Inventory;
  /** Read already. */
  live: LiveRelease;
  /** What its pods said. */
  livePods: PodSettings[];
}

/**
 * Plans the restore of a backup over a release that was read already, asks the server to try every write and a
 * pod of each memcached workload, and writes nothing.
 * @throws DamagedBackup, and what the API server says where it does not answer at all.
 */
export async function rehearse(
  { kube, store, inventory, live, livePods }: Stage,
  address: BackupAddress,
  context: CommandContext,
): Promise<Rehearsal> {
  const whole = await readSoundSource(await store.open(address), context);
  const unserved = await unservedKinds(kube, whole.objects);
  const missing = new Set(unserved.flatMap(({ objects }) => objects.map(keyOf)));
  const source = { ...whole, objects: whole.objects.filter(({ ref }) => !missing.has(keyOf(ref))) };
  await Promise.all(source.objects.map(({ ref }) => inventory.read(ref.apiVersion, ref.kind)));
  const options = { wholeRelease: false, askServer: true, livePods };
  const [{ plan, input }, refusedPods] = await Promise.all([
    planOver(kube, { source, live }, options, context),
    tryPods(kube, source, live),
  ]);
  // Objects of kinds that are not served were taken out above; what lacks Secrets is incomplete, and not rehearsed.
  const { writes, kinds: _none, secrets: _ofIncomplete, ...refusals } = refusalsOf(input);
  const held = heldRefusals(plan.objects, input);
  const waiting = [...held.map(({ text }) => text), ...claimRefusals(plan.objects, input)];
  const named = new Set([...writes, ...waiting, ...Object.values(refusals).flat()]);
  return {
    plan,
    unserved,
    refused: source.objects.flatMap(({ ref }) => {
      const answer = input.answers.get(keyOf(ref));
      return answer?.kind !== 'refused' || isImmutable(answer) ? [] : [{ ...answer, ref }];
    }),
    refusedPods,
    // What the plan itself does not know of are permissions: they were asked for afterwards.
    held,
    refusals: { ...refusals, permissions: plan.refusals.filter((line) => !named.has(line)) },
    abandoned: abandonedOperations(input.source.history, live.history, input.now),
    settings: differingSettings(source.pods, livePods),
  };
}

function differingSettings(before: PodSettings[], now: PodSettings[]): DifferingSettings {
  const { rows } = settingsDifference(before, now, []);
  const [past, present] = [settingsInShort(before), settingsInShort(now)];
  return {
    differing: rows.filter(({ differs }) => differs).map(({ workload, setting }) => ({ workload, setting })),
    ...(past === undefined ? {} : { before: past }),
    ...(present === undefined ? {} : { now: present }),
  };
}

/**
 * Asks for a pod of each workload: Pod Security, quotas and policies judge pods, and of a workload the server
 * says nothing. Whoever may not create pods is not told; a restore creates none itself.
 */
async function tryPods(kube: KubeClient, source: RestoreSource, live: LiveRelease): Promise<RefusedWrite[]> {
  if (live.namespace === undefined) return [];
  const workloads = source.objects.filter(
    ({ entry, raw }) => entry.role === 'owned' && isMemcachedWorkload(raw),
  );
  const tried = workloads.map(async ({ ref, raw }): Promise<RefusedWrite[]> => {
    try {
      await kube.create(podOf(raw, live), { fieldManager: 'memcached-backup', dryRun: true });
      return [];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return [{ ref, status: error.status, message: error.serverMessage }];
    }
  });
  return (await Promise.all(tried)).flat();
}

/** A pod as the workload's controller would make it. A ServiceAccount that the restore creates first is left out. */
function podOf(workload: KubeObject, live: LiveRelease): KubeObject {
  const template = podTemplateOf(workload);
  const { serviceAccountName, serviceAccount: _, ...spec } = objectAt(template, 'spec') ?? {};
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    namespace: live.namespaceName,
    name: String(serviceAccountName),
  };
  const claims = arrayAt(workload, 'spec', 'volumeClaimTemplates').map((claim): JsonObject => {
    const name = stringAt(claim, 'metadata', 'name') ?? '';
    return { name, persistentVolumeClaim: { claimName: `${name}-${live.release}` } };
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...objectAt(template, 'metadata'),
      name: 'memcached-backup-rehearsal',
      namespace: live.namespaceName,
    },
    spec: {
      ...spec,
      ...(live.find(account) === undefined ? {} : { serviceAccountName: account.name }),
      ...(claims.length === 0 ? {} : { volumes: [...arrayAt(spec, 'volumes'), ...claims] }),
    },
  };
}
