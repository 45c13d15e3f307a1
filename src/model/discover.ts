import { annotationsOf, type KubeObject, labelsOf, nameOf, refOf } from './object.ts';
import { controllerUid, isMemcachedWorkload } from './workload.ts';

/** A release that has memcached workloads. */
export interface FoundRelease {
  namespace: string;
  release: string;
  /** Whether Helm made it; else it is plain YAML. */
  helm: boolean;
}

/** Helm writes it on every object it applies (helm.sh/helm/v3/pkg/action/validate.go). */
const RELEASE_NAME = 'meta.helm.sh/release-name';
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';
const INSTANCE = 'app.kubernetes.io/instance';

/**
 * The releases that the given workloads belong to, in order of namespace and name. A memcached workload is
 * recognised by its container; whose it is, by what Helm wrote on it, else by its instance label, else it is
 * a release of its own name. Workloads that something else controls (an operator's) are left to it.
 */
export function discoverReleases(workloads: KubeObject[]): FoundRelease[] {
  const found = new Map<string, FoundRelease>();
  for (const workload of workloads) {
    if (!isMemcachedWorkload(workload) || controllerUid(workload) !== undefined) continue;
    const release = releaseOf(workload);
    found.set(`${release.namespace}/${release.release}/${release.helm}`, release);
  }
  return [...found.values()].sort((a, b) =>
    `${a.namespace}/${a.release}` < `${b.namespace}/${b.release}` ? -1 : 1,
  );
}

/** Which release an object says it belongs to. */
export function releaseOf(workload: KubeObject): FoundRelease {
  const annotations = annotationsOf(workload);
  const namespace = refOf(workload).namespace ?? '';
  const helmName = annotations[RELEASE_NAME];
  if (helmName !== undefined) {
    return { namespace: annotations[RELEASE_NAMESPACE] ?? namespace, release: helmName, helm: true };
  }
  return { namespace, release: labelsOf(workload)[INSTANCE] ?? nameOf(workload), helm: false };
}

/** Whether Helm, not a person's YAML, made the object. */
export function isHelms(object: KubeObject): boolean {
  return annotationsOf(object)[RELEASE_NAME] !== undefined;
}
