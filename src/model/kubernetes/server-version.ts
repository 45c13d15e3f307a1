/**
 * The minor version of Kubernetes.
 * @param version as /version and nodes say it: "v1.34.4", "v1.29.3-gke.1".
 * @returns undefined of what is no Kubernetes 1.
 */
export function minorOf(version: string): number | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return major === '1' ? Number(minor) : undefined;
}
