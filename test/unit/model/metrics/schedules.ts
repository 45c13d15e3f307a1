import type { WatchedSchedule } from '../../../../src/model/metrics/watched-schedule.ts';

/** One on a claim, by the name of an install, and one in a bucket with names that PromQL would read as more than they are. */
export const ON_A_CLAIM: WatchedSchedule = {
  namespace: 'shop',
  name: 'memcached-backup',
  claims: ['backups'],
  drills: 'memcached-backup-drill',
};
export const IN_A_BUCKET: WatchedSchedule = { namespace: 'ops', name: 'nightly.all', claims: [] };

/**
 * Series of kube-state-metrics that it has without flags, and that are STABLE (its docs/metrics/workload, v2), and of the kubelet's
 * /metrics (k8s.io/kubernetes, pkg/kubelet/metrics/collectors/volume_stats.go; ALPHA, and none in the node of the test cluster). promtool takes any name; a wrong one is never there and its alert never fires. test/e2e/alerts.test.ts asks the real ones.
 */
export const KNOWN_SERIES = new Set([
  'kube_cronjob_created',
  'kube_cronjob_info',
  'kube_cronjob_next_schedule_time',
  'kube_cronjob_spec_suspend',
  'kube_cronjob_status_last_successful_time',
  'kube_job_complete',
  'kube_job_created',
  'kube_job_failed',
  'kube_job_owner',
  'kube_job_status_completion_time',
  'kube_job_status_start_time',
  'kubelet_volume_stats_available_bytes',
  'kubelet_volume_stats_capacity_bytes',
  'kubelet_volume_stats_inodes',
  'kubelet_volume_stats_inodes_free',
]);
