/** The cluster that something is written to, by the kubeconfig. */
export interface Target {
  /** Of the context; "in-cluster" or "" where there is none. */
  context: string;
  server: string;
}

/** "context prod (https://10.0.0.1:6443)": whoever is in the wrong one has to see it before saying yes. */
export function targetInWords({ context, server }: Target): string {
  return context === '' ? `the cluster at ${server}` : `context ${context} (${server})`;
}
