import { annotationsOf, type KubeObject, labelsOf, nameOf, refOf } from '../kubernetes/object.ts';
import { controllerUid, isMemcachedWorkload } from '../kubernetes/workload.ts';
import { isReleaseName } from '../records/backup-id.ts';

/** What a release is called, and where: no two releases share it. */
export interface ReleaseName {
  namespace: string;
  release: string;
}

/** A release that has memcached workloads, and which these are. */
export interface FoundRelease extends ReleaseName {
  workloads: KubeObject[];
}

/** A memcached workload that bears the name of a Helm release which does not have it: a copy, or a namesake. */
export interface UnownedWorkload {
  workload: KubeObject;
  /** What bears the name. */
  by: 'annotations' | 'label or name';
  of: ReleaseName;
  /** The plain release that it is counted to; undefined where Helm has one of that name, which goes first. */
  countedTo?: ReleaseName;
}

export interface DiscoveredReleases {
  /** In order of namespace and name. */
  releases: FoundRelease[];
  unowned: UnownedWorkload[];
}

/**
 * Whether Helm's record of a release names a workload; undefined where there is no record of such a release, or
 * none that may be read.
 */
export type NamedByRecord = (release: ReleaseName, workload: KubeObject) => boolean | undefined;

/** Helm writes it on every object it applies (helm.sh/helm/v3/pkg/action/validate.go). */
const RELEASE_NAME = 'meta.helm.sh/release-name';
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';
const INSTANCE = 'app.kubernetes.io/instance';

/**
 * The releases that the given workloads belong to. A memcached workload is recognised by its container; whose it
 * is, by Helm's marks on it, else by its instance label, else it is a release of its own name. Whoever copies an
 * object copies the marks: they count where the workload lies in the release's own namespace, or where the
 * release's record names it. A name is Helm's before it is a plain release's. Workloads that something else
 * controls (an operator's) are left to it.
 */
export function discoverReleases(workloads: KubeObject[], isNamed: NamedByRecord): DiscoveredReleases {
  const memcached = memcachedAmong(workloads);
  const marked = new Map<string, number>();
  for (const workload of memcached) {
    const mark = ownMarkOf(workload);
    if (mark !== undefined) marked.set(placeOf(mark), (marked.get(placeOf(mark)) ?? 0) + 1);
  }
  const found = new Map<string, FoundRelease>();
  const unowned: UnownedWorkload[] = [];
  for (const workload of memcached) {
    const { release, unowned: workloadOfNone } = whoseIs(
      workload,
      (name) => marked.get(placeOf(name)) ?? 0,
      isNamed,
    );
    if (workloadOfNone !== undefined) unowned.push(workloadOfNone);
    if (release === undefined) continue;
    const before = found.get(placeOf(release))?.workloads ?? [];
    found.set(placeOf(release), { ...release, workloads: [...before, workload] });
  }
  const releases = [...found.values()].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return { releases, unowned };
}

/** @param marksOf how many memcached workloads in its own namespace bear a release's marks. */
function whoseIs(
  workload: KubeObject,
  marksOf: (release: ReleaseName) => number,
  isNamed: NamedByRecord,
): { release?: ReleaseName; unowned?: UnownedWorkload } {
  const mark = helmMarkOf(workload);
  if (mark !== undefined && isInOwnNamespace(workload, mark)) {
    // Reading a record takes time: only where more bear the marks than one is it asked which of them it names.
    const isCopy = marksOf(mark) > 1 && isNamed(mark, workload) === false;
    return isCopy ? { unowned: { workload, by: 'annotations', of: mark } } : { release: mark };
  }
  if (mark !== undefined && isNamed(mark, workload) === true) return { release: mark };
  const plain = plainNameOf(workload);
  const named = isNamed(plain, workload);
  if (named === true) return { release: plain };
  if (named === false || marksOf(plain) > 0) {
    return { unowned: { workload, by: 'label or name', of: plain } };
  }
  if (mark === undefined) return { release: plain };
  return { release: plain, unowned: { workload, by: 'annotations', of: mark, countedTo: plain } };
}

/** The names under which Helm may have records of the given workloads' releases. */
export function namesToLookUp(workloads: KubeObject[]): string[] {
  const names = memcachedAmong(workloads).flatMap((workload) => {
    const mark = helmMarkOf(workload);
    const isOwn = mark !== undefined && isInOwnNamespace(workload, mark);
    return [...(mark === undefined ? [] : [mark.release]), ...(isOwn ? [] : [plainNameOf(workload).release])];
  });
  return [...new Set(names)];
}

function memcachedAmong(workloads: KubeObject[]): KubeObject[] {
  return workloads.filter(
    (workload) => isMemcachedWorkload(workload) && controllerUid(workload) === undefined,
  );
}

/** The release that Helm's marks on an object name, wherever that is; undefined where they are no release's name. */
function helmMarkOf(object: KubeObject): ReleaseName | undefined {
  const annotations = annotationsOf(object);
  const release = annotations[RELEASE_NAME];
  if (release === undefined || !isReleaseName(release)) return undefined;
  return { namespace: annotations[RELEASE_NAMESPACE] ?? namespaceOf(object), release };
}

/** The same where it is in the object's own namespace; of a cluster-wide object, wherever it is. */
export function ownMarkOf(object: KubeObject): ReleaseName | undefined {
  const mark = helmMarkOf(object);
  return mark !== undefined && isInOwnNamespace(object, mark) ? mark : undefined;
}

function isInOwnNamespace(object: KubeObject, { namespace }: ReleaseName): boolean {
  const own = namespaceOf(object);
  return own === '' || own === namespace;
}

/** The release of plain YAML that an object belongs to. A label may hold what is no release's name, or nothing. */
export function plainNameOf(object: KubeObject): ReleaseName {
  const instance = labelsOf(object)[INSTANCE];
  const isName = instance !== undefined && isReleaseName(instance);
  return { namespace: namespaceOf(object), release: isName ? instance : nameOf(object) };
}

function namespaceOf(object: KubeObject): string {
  return refOf(object).namespace ?? '';
}

function placeOf({ namespace, release }: ReleaseName): string {
  return `${namespace}/${release}`;
}
