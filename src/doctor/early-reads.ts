import { type OwnRules, readOwnRules } from '../kube/access-review.ts';
import type { ConnectionFacts, KubeClient } from '../kube/client.ts';
import { readClusterIdentity } from '../kube/cluster-identity.ts';
import { clusterOf } from '../session/cluster-in-use.ts';
import type { CommandContext } from '../session/context.ts';
import type { ClusterInUse } from '../store/cluster-name.ts';
import type { ListedBackup } from '../store/store.ts';

/** Where is looked. */
export interface Place {
  kube: KubeClient;
  /** Undefined: all namespaces. */
  namespace: string | undefined;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName: string | undefined;
  session: Pick<CommandContext, 'store'>;
}

/**
 * What can be read whatever the lists hold, each asked for once, so that it can be under way beside them: every
 * round trip counts. One that fails early fails for whoever asks for it later.
 */
export class EarlyReads {
  readonly place: Place;
  readonly #rules = new Map<string, Promise<OwnRules | undefined>>();
  #connection: Promise<ConnectionFacts> | undefined;
  #cluster: Promise<ClusterInUse> | undefined;
  #backups: Promise<ListedBackup[]> | undefined;

  constructor(place: Place) {
    this.place = place;
  }

  connection(): Promise<ConnectionFacts> {
    this.#connection ??= heldBack(this.place.kube.connectionFacts());
    return this.#connection;
  }

  /** The cluster as the store knows it. @throws ToolError where that can't be told. */
  cluster(): Promise<ClusterInUse> {
    this.#cluster ??= heldBack(this.#readCluster());
    return this.#cluster;
  }

  async #readCluster(): Promise<ClusterInUse> {
    const { kube, clusterName, session } = this.place;
    if (clusterName !== undefined) return { name: clusterName };
    const version = async (): Promise<string> => (await this.connection()).serverVersion;
    return clusterOf(await readClusterIdentity(kube, version), () => session.store());
  }

  /** Every backup of the namespace, or of all. @throws ToolError */
  backups(): Promise<ListedBackup[]> {
    const { namespace, session } = this.place;
    this.#backups ??= heldBack(
      session.store().then((store) => store.list(namespace === undefined ? {} : { namespace })),
    );
    return this.#backups;
  }

  /** What one may do in a namespace; undefined where the server does not say. @throws ToolError */
  rules(namespace: string): Promise<OwnRules | undefined> {
    const asked = this.#rules.get(namespace) ?? heldBack(readOwnRules(this.place.kube, namespace));
    this.#rules.set(namespace, asked);
    return asked;
  }
}

/** What nobody asks for in the end may fail unheard. */
function heldBack<T>(read: Promise<T>): Promise<T> {
  read.catch(() => {});
  return read;
}
