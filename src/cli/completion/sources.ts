import type { Named } from '../../completion/live-names.ts';
import type { StoredNames } from '../../completion/stored-names.ts';
import { within } from '../../completion/within.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { ConnectionFlags } from '../../kube/connection-flags.ts';
import type { Kubeconfig } from '../../kube/kubeconfig.ts';
import type { ReleaseName } from '../../model/release/discover.ts';
import { endpointInUse } from '../../store/s3/s3-access.ts';
import { VERSION } from '../version.ts';

/** Where names come from that no table holds. Each comes to nothing where it can't be told in time; none throws. */
export interface Sources {
  /** The namespace in use. */
  namespace(): Promise<string>;
  contexts(): Promise<{ name: string; cluster: string; namespace?: string }[]>;
  /** Names of the kubeconfig's other entries. */
  configured(what: 'clusters' | 'users'): Promise<string[]>;
  /** Releases in the cluster; of all namespaces where undefined. */
  releases(namespace: string | undefined): Promise<ReleaseName[]>;
  /** Names of objects in the cluster, of the namespace in use where they have one. */
  named(what: Named): Promise<string[]>;
  /** What the store is known to hold. */
  store(): Promise<StoredNames>;
  /** Backups and undo data that lie in the user's state folder, where the store could not be written. */
  fallback(): Promise<StoredNames>;
  /** Stores far away that were listed lately. */
  knownStores(): Promise<string[]>;
}

/** A store, and the endpoint that whoever named it wants it to be asked at. */
interface NamedStore {
  location: string;
  endpoint?: string | undefined;
}

/** For one request, and for all of an answer. */
const LONGEST_MS = 1_500;

export interface SourceOptions {
  connection: ConnectionFlags;
  env: NodeJS.ProcessEnv;
  /** --store, or the environment's; undefined where nobody names one. */
  location: string | undefined;
  /** --s3-endpoint */
  endpoint: string | undefined;
  /** --cluster-name */
  cluster: string | undefined;
}

/** The sources of a process: everything is loaded and asked on first use. */
export function openSources({ connection, env, location, endpoint, cluster }: SourceOptions): Sources {
  let connected: Promise<KubeClient> | undefined;
  let config: Promise<Kubeconfig> | undefined;
  const kube = (): Promise<KubeClient> =>
    (connected ??= import('../../kube/connect.ts').then(({ connectKube }) =>
      connectKube(
        { ...connection, requestTimeoutMs: Math.min(connection.requestTimeoutMs || LONGEST_MS, LONGEST_MS) },
        { env, userAgent: `memcached-backup/${VERSION}` },
      ),
    ));
  const kubeconfig = (): Promise<Kubeconfig> =>
    (config ??= import('../../kube/kubeconfig-files.ts').then(({ loadKubeconfig }) =>
      loadKubeconfig(connection.kubeconfig, env),
    ));
  const ask = <T>(work: (kube: KubeClient) => Promise<T[]>): Promise<T[]> =>
    within(LONGEST_MS, async () => work(await kube()), []);
  const namespace = (): Promise<string> =>
    within(
      LONGEST_MS,
      async () => {
        if (connection.namespace !== undefined) return connection.namespace;
        const { contexts, currentContext } = await kubeconfig();
        if (contexts.size === 0) return (await kube()).namespace;
        return contexts.get(connection.context ?? currentContext)?.namespace ?? 'default';
      },
      'default',
    );
  const scheduledStore = async (): Promise<NamedStore | undefined> => {
    const { findScheduledStore } = await import('../../session/find-scheduled-store.ts');
    const found = await findScheduledStore(kube, () => {});
    return found && { location: found.location, endpoint: found.s3.endpoint };
  };
  const whichStore = async (): Promise<NamedStore> => {
    if (location !== undefined) return { location };
    const scheduled = await within(LONGEST_MS, scheduledStore, undefined);
    if (scheduled !== undefined) return scheduled;
    const { defaultStore } = await import('../../store/default-store.ts');
    return { location: (await defaultStore(env)).absolute };
  };
  const namesInStore = async (): Promise<StoredNames> => {
    const { namesOfStore } = await import('../../completion/names-of-store.ts');
    const named = await whichStore();
    const s3 = endpointInUse(env, endpoint, named.endpoint);
    const kubernetes = async (): Promise<string> => (await kube()).server;
    return namesOfStore(named.location, await namespace(), { s3, kubernetes }, env);
  };
  return {
    namespace,
    contexts: async () => {
      const contexts = await within(LONGEST_MS, async () => [...(await kubeconfig()).contexts], []);
      return contexts.map(([name, { cluster, namespace: of }]) => ({
        name,
        cluster,
        ...(of === undefined ? {} : { namespace: of }),
      }));
    },
    configured: (what) => within(LONGEST_MS, async () => [...(await kubeconfig())[what].keys()], []),
    releases: (of) =>
      ask(async (client) => {
        const { liveReleases } = await import('../../completion/live-names.ts');
        return liveReleases(client, of);
      }),
    named: (what) =>
      ask(async (client) => {
        const { liveNames } = await import('../../completion/live-names.ts');
        return liveNames(client, what, client.namespace);
      }),
    store: async () => {
      const { inCluster, NO_NAMES } = await import('../../completion/stored-names.ts');
      const names = await within(2 * LONGEST_MS, namesInStore, NO_NAMES);
      return cluster === undefined ? names : inCluster(names, cluster);
    },
    fallback: async () => {
      const [{ stateFolder }, { NamesInFolder }, { NO_NAMES }] = await Promise.all([
        import('../../store/state-folder.ts'),
        import('../../completion/names-in-folder.ts'),
        import('../../completion/stored-names.ts'),
      ]);
      const folder = stateFolder(env);
      return folder === undefined ? NO_NAMES : new NamesInFolder(folder);
    },
    knownStores: async () => {
      const { ListingCache } = await import('../../completion/listing-cache.ts');
      return new ListingCache(env).locations();
    },
  };
}
