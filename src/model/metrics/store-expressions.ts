/**
 * How full a store is, between 0 and 1. kube-state-metrics knows nothing of it: the kubelet does, while a pod that mounts the
 * claim runs on its node (kubelet, /metrics, kubelet_volume_stats_*), and the tool itself, where runs push it. A backup's pod is gone
 * within seconds, often between two looks of Prometheus: what was seen once counts for 26 hours.
 */
const REMEMBERED = '[26h]';

/** Which claims are meant: the matchers of the two labels, `="ops"` or `=~".+"`. */
export interface PickedClaims {
  namespace: string;
  claim: string;
}

/** By the kubelet, of the bytes. */
export function claimBytesUsed(picked: PickedClaims): string {
  return claimUsed(picked, 'available_bytes', 'capacity_bytes');
}

/** By the kubelet, of what files and folders the volume can hold. */
export function claimInodesUsed(picked: PickedClaims): string {
  return claimUsed(picked, 'inodes_free', 'inodes');
}

function claimUsed({ namespace, claim }: PickedClaims, free: string, total: string): string {
  const last = (what: string): string =>
    `last_over_time(kubelet_volume_stats_${what}{namespace${namespace},persistentvolumeclaim${claim}}${REMEMBERED})`;
  return `max by (namespace, persistentvolumeclaim) (1 - ${last(free)} / ${last(total)})`;
}

/** By what the last run saw of its store. @param namespace the matcher of the label. */
export function storeUsed(namespace: string): string {
  const labels = `{namespace${namespace}}`;
  return `max by (namespace, store) (1 - memcached_backup_store_free_bytes${labels} / memcached_backup_store_capacity_bytes${labels})`;
}
