/** A kubeconfig's `clusters[].cluster`. Paths are absolute. */
export interface KubeconfigCluster {
  server?: string;
  /** Path of a PEM file. */
  certificateAuthority?: string;
  /** base64 of PEM; wins over the file, as in client-go. */
  certificateAuthorityData?: string;
  insecureSkipTlsVerify?: boolean;
  tlsServerName?: string;
  proxyUrl?: string;
}

/** A kubeconfig's `users[].user`. Paths are absolute. Secret. */
export interface KubeconfigUser {
  clientCertificate?: string;
  clientCertificateData?: string;
  clientKey?: string;
  clientKeyData?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  as?: string;
  asUid?: string;
  asGroups?: string[];
  asUserExtra?: Record<string, string[]>;
  exec?: ExecConfig;
  authProvider?: { name: string; config: Record<string, string> };
}

/** A program that prints credentials (client.authentication.k8s.io, ExecCredential). */
export interface ExecConfig {
  apiVersion: string;
  command: string;
  args: string[];
  env: { name: string; value: string }[];
  installHint?: string;
  provideClusterInfo: boolean;
}

export interface KubeconfigContext {
  cluster: string;
  user: string;
  namespace?: string;
}

export interface Kubeconfig {
  /** Files that were to be read and are not there. */
  absent?: readonly string[];
  currentContext: string;
  clusters: Map<string, KubeconfigCluster>;
  users: Map<string, KubeconfigUser>;
  contexts: Map<string, KubeconfigContext>;
}

export function emptyKubeconfig(): Kubeconfig {
  return { currentContext: '', clusters: new Map(), users: new Map(), contexts: new Map() };
}

/**
 * Merges a KUBECONFIG list: the first file to name something wins
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files).
 */
export function mergeKubeconfigs(configs: Kubeconfig[]): Kubeconfig {
  const merged = emptyKubeconfig();
  for (const config of configs) {
    merged.currentContext ||= config.currentContext;
    addMissing(merged.clusters, config.clusters);
    addMissing(merged.users, config.users);
    addMissing(merged.contexts, config.contexts);
  }
  return merged;
}

function addMissing<T>(target: Map<string, T>, source: Map<string, T>): void {
  for (const [name, value] of source) if (!target.has(name)) target.set(name, value);
}
