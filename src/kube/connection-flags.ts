/**
 * How the user asked to reach a cluster: the connection flags that kubectl has on every command
 * (k8s.io/cli-runtime/pkg/genericclioptions.ConfigFlags), parsed. A field that is absent was not given, and
 * the kubeconfig decides. The command line fills this; connecting reads it.
 */
export interface ConnectionFlags {
  /** --kubeconfig, one file; without it KUBECONFIG (a list) or ~/.kube/config. */
  kubeconfig?: string;
  /** Names inside the kubeconfig. */
  context?: string;
  cluster?: string;
  user?: string;
  namespace?: string;
  /** The API server's URL, in place of the kubeconfig's. */
  server?: string;
  /** A bearer token, in place of the kubeconfig's user's credentials. Secret. */
  token?: string;
  /** Impersonation (Impersonate-User, -Group, -Uid, -Extra-*). */
  as?: string;
  asGroups: string[];
  asUid?: string;
  /** Each key's values in the order given. */
  asUserExtra: Record<string, string[]>;
  /** Paths of PEM files. */
  certificateAuthority?: string;
  clientCertificate?: string;
  clientKey?: string;
  /** The name expected in the server's certificate. */
  tlsServerName?: string;
  insecureSkipTlsVerify?: boolean;
  /** For a single request; 0 means no limit. */
  requestTimeoutMs?: number;
}
