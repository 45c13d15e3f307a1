import { UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ItemLimits } from '../memcached/items/choose-items.ts';
import type { CommandContext } from '../session/context.ts';
import { awaitHitRatio, type HitRatioGoal } from './await-hit-ratio.ts';
import { lackingOfRatio, lackingOfUrls } from './lacking.ts';
import { type CacheInUse, parseCacheName, readCache } from './read-cache.ts';
import { warmFromSnapshot } from './snapshots/load-snapshot.ts';
import { type UrlPlan, warmByUrls } from './warm-by-urls.ts';
import { warmFromPods } from './warm-from-pods.ts';
import type { WarmReport } from './warm-report.ts';

/** What fills a cache, and what is waited for. */
export interface WantedWarming {
  /** RELEASE, [NAMESPACE/]. */
  release: string;
  /** --from */
  from?: string;
  /** --to: one pod of the release. */
  to?: string;
  limits: ItemLimits;
  /** --cluster-name: the cluster's folder in the store, for a snapshot. */
  clusterName?: string;
  urls?: UrlPlan;
  hitRatio?: HitRatioGoal;
}

/**
 * Fills the cache of a release, from another cache, by asking for URLs, or both, and waits for its hit ratio. Writes to the caches of its
 * pods alone, and only what they have not.
 * @throws ToolError where there is no such release; as the steps do.
 */
export async function warmCache(wanted: WantedWarming, context: CommandContext): Promise<WarmReport> {
  const kube = await context.kube();
  const { from, to, limits, urls, hitRatio } = wanted;
  const { namespace } = kube;
  const isSnapshot = from?.includes('@') === true;
  const read = (name: string) => readCache(kube, parseCacheName(name, namespace), context.io);
  const [target, source] = await Promise.all([
    read(wanted.release),
    from === undefined || isSnapshot ? undefined : read(from),
  ]);
  const report: WarmReport = { release: target.name, namespace: target.namespace, lacking: [] };
  if (from !== undefined) {
    const { lacking, ...filled } =
      source === undefined
        ? await fromSnapshot(kube, from, { target, wanted }, context)
        : { from, ...(await warmFromPods(kube, { source, target, only: to, limits }, context)) };
    Object.assign(report, filled);
    report.lacking.push(...lacking);
  }
  if (urls !== undefined) {
    report.urls = await warmByUrls(kube, target, urls, context);
    report.lacking.push(...lackingOfUrls(report.urls));
  }
  if (hitRatio !== undefined) {
    report.hitRatio = await awaitHitRatio(kube, target, hitRatio, context);
    report.lacking.push(...lackingOfRatio(report.hitRatio));
  }
  return report;
}

/** --from [NAMESPACE/]RELEASE@ID */
function fromSnapshot(
  kube: KubeClient,
  from: string,
  { target, wanted }: { target: CacheInUse; wanted: WantedWarming },
  context: CommandContext,
): ReturnType<typeof warmFromSnapshot> {
  const at = from.indexOf('@');
  const { namespace, name } = parseCacheName(from.slice(0, at), target.namespace);
  const { limits, clusterName, to } = wanted;
  if (limits.maxBytes !== undefined || limits.maxAgeSeconds !== undefined)
    throw new UsageError(
      '--max-bytes and --max-age are for the snapshot when it is taken: it does not hold when an item was used',
    );
  const id = from.slice(at + 1) || 'latest';
  const source = { release: name, namespace, id, clusterName, target, only: to, prefix: limits.prefix };
  return warmFromSnapshot(kube, source, context);
}
