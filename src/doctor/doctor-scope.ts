import type { Area } from '../model/findings/finding.ts';
import type { AreaCheck, Early } from './doctor-context.ts';

/** What is to be examined. */
export interface DoctorScope {
  /** Every memcached release that is found where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  areas: readonly Area[];
  /** Kinds to list beside the usual ones in the place of what the areas need: for those who run no check. */
  kinds?: AreaCheck['kinds'];
  /** What to begin beside the lists in the place of what the areas need: for the same. */
  early?: readonly Early[];
  /** Between two looks at a pod's counters, milliseconds. */
  intervalMs: number;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}
