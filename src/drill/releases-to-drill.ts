import { ToolError } from '../errors/tool-error.ts';
import { clusterInUse } from '../session/cluster-in-use.ts';
import type { CommandContext } from '../session/context.ts';
import { latestBackups } from '../store/find/latest-backups.ts';
import type { DrillOptions } from './drill-session.ts';

/** The releases of the namespace of which there is a backup to restore, by name. @throws ToolError where there is none. */
export async function releasesToDrill(
  { namespace, clusterName }: Pick<DrillOptions, 'namespace' | 'clusterName'>,
  context: CommandContext,
): Promise<string[]> {
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  const cluster = await clusterInUse(kube, async () => store, clusterName);
  const place = namespace ?? kube.namespace;
  const listed = await store.list({ namespace: place });
  const names = new Set(latestBackups(listed, cluster).map(({ address }) => address.release));
  if (names.size === 0) {
    throw new ToolError(`the store ${store.location} has no backup of a release in namespace ${place}`, {
      untouched: 'nothing was made',
    });
  }
  return [...names].sort();
}
