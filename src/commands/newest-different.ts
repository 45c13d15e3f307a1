import type { KubeClient } from '../kube/client.ts';
import { parseSelector } from '../model/backup-id.ts';
import { displayName } from '../model/object.ts';
import { intoNamespace } from '../restore/into-namespace.ts';
import { type RestoreSource, readSource } from '../restore/source.ts';
import { latestBackups } from '../store/latest-backups.ts';
import type { Store } from '../store/store.ts';
import type { CommandContext } from './context.ts';
import { planRelease } from './plan-release.ts';

/** How far back to look: each look asks the server about every object. */
const LOOKS = 5;
/** Objects named; the rest is counted. */
const NAMED = 3;

/**
 * Whoever restores `latest` and finds that nothing differs wants an earlier one. Says which is the newest
 * that differs from live, and in what. Says nothing where another backup than latest was asked for.
 */
export async function sayNewestDifferent(
  { kube, store, source: latest, selector }: Asked,
  context: CommandContext,
): Promise<void> {
  const { document, moved, path } = latest;
  if (path !== undefined || parseSelector(selector).id !== 'latest') return;
  const { release, cluster, namespace } = document;
  const from = { cluster: cluster.name, namespace: moved?.from ?? namespace.name, release };
  const earlier = latestBackups(await store.list(from)).slice(1, 1 + LOOKS);
  for (const backup of earlier) {
    const source = intoNamespace(await readSource(await store.open(backup.address)), namespace.name);
    const { plan } = await planRelease(kube, source, { wholeRelease: true, askServer: true }, context);
    if (plan.nothingToDo || plan.proof !== undefined) continue;
    const different = plan.objects.filter(({ action }) => action !== 'keep');
    const names = different.slice(0, NAMED).map(({ ref, action, changes }) => {
      return `${displayName(ref)} (${changes[0] ?? action})`;
    });
    if (different.length > NAMED) names.push(`${different.length - NAMED} more`);
    const what = names.length === 0 ? '' : `, in ${names.join(', ')}`;
    context.io.say(`The newest backup that differs from live is ${release}@${backup.address.id}${what}`);
    return;
  }
}

interface Asked {
  kube: KubeClient;
  store: Store;
  /** What was restored. */
  source: RestoreSource;
  /** As it was asked for. */
  selector: string;
}
