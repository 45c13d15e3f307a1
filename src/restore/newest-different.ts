import { readSoundSource } from '../backup/read-sound-source.ts';
import type { RestoreSource } from '../backup/source.ts';
import type { KubeClient } from '../kube/client.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { CommandContext } from '../session/context.ts';
import { DamagedBackup } from '../store/format/damage.ts';
import type { BackupAddress, Store } from '../store/store.ts';
import { intoNamespace } from './into-namespace/into-namespace.ts';
import { planRelease } from './plan/plan-release.ts';

/** How far back to look: each look asks the server about every object. */
const LOOKS = 5;
/** Objects named; the rest is counted. */
const NAMED = 3;

/**
 * Whoever restores `latest` and finds that nothing differs wants an earlier one. Says which is the newest
 * that differs from live, and in what.
 * @param earlier those before it by the rule of `latest`, the newest first.
 */
export async function sayNewestDifferent(
  { kube, store, source: latest, earlier }: Asked,
  context: CommandContext,
): Promise<void> {
  const { release, namespace } = latest.document;
  for (const address of earlier.slice(0, LOOKS)) {
    const saved = await readIfSound(store, address, context);
    if (saved === undefined) continue;
    const source = intoNamespace(saved, namespace.name);
    const { plan } = await planRelease(kube, source, { wholeRelease: true, askServer: true }, context);
    if (plan.nothingToDo || plan.proof !== undefined) continue;
    const different = plan.objects.filter(({ action }) => action !== 'keep');
    const names = different.slice(0, NAMED).map(({ ref, action, changes }) => {
      return `${displayName(ref)} (${changes[0] ?? action})`;
    });
    if (different.length > NAMED) names.push(`${different.length - NAMED} more`);
    const what = names.length === 0 ? '' : `, in ${names.join(', ')}`;
    context.io.say(`The newest backup that differs from live is ${release}@${address.id}${what}`);
    return;
  }
}

/** undefined for one that nothing can be restored from: what is sought is one that can. */
async function readIfSound(
  store: Store,
  address: BackupAddress,
  context: CommandContext,
): Promise<RestoreSource | undefined> {
  try {
    return await readSoundSource(await store.open(address), context);
  } catch (error) {
    if (error instanceof DamagedBackup) return undefined;
    throw error;
  }
}

interface Asked {
  kube: KubeClient;
  store: Store;
  /** What was restored. */
  source: RestoreSource;
  earlier: readonly BackupAddress[];
}
