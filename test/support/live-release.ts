import { outlineOf } from '../../src/kube/outline.ts';
import type { LiveRelease } from '../../src/kube/read-release.ts';
import type { HelmRevision } from '../../src/model/helm/helm-release.ts';
import { type KubeObject, keyOf, refOf } from '../../src/model/kubernetes/object.ts';
import { controllerUid } from '../../src/model/kubernetes/workload.ts';
import { classifyObjects, namedObjects } from '../../src/model/release/release-objects.ts';
import { isSecretObject, secretValuesOf } from '../../src/model/secrets/secrecy.ts';
import { Fixture, NAMESPACE } from './objects.ts';

export interface LiveOptions {
  release?: string;
  /** Revisions as Helm stores them; their manifests say what is owned. */
  history?: HelmRevision[];
  /** null: the namespace does not exist. */
  namespace?: KubeObject | null;
  denied?: LiveRelease['denied'];
}

/** A release as it was read from a cluster that holds `objects`, all in the release's namespace. */
export function aLiveRelease(objects: (KubeObject | Fixture)[], options: LiveOptions = {}): LiveRelease {
  const { release = 'cart', history = [], denied = [] } = options;
  const all = objects.map((object) => (object instanceof Fixture ? object.object : object));
  const byKey = new Map(all.map((object) => [keyOf(refOf(object)), object]));
  const find: LiveRelease['find'] = (ref) => byKey.get(keyOf(ref));
  const named = namedObjects(history, NAMESPACE, () => true);
  const namespace = options.namespace === undefined ? aNamespace() : (options.namespace ?? undefined);
  return {
    release,
    namespaceName: NAMESPACE,
    namespace,
    history,
    historyDenied: [],
    unreadable: [],
    named,
    ...classifyObjects(named, NAMESPACE, find),
    find,
    all: (kind) => all.filter((object) => object.kind === kind),
    outlines: (kind) => all.filter((object) => object.kind === kind).map(outlineOf),
    controlled: (kind, controllers) =>
      all
        .filter((object) => object.kind === kind && controllers.includes(controllerUid(object) ?? ''))
        .map(outlineOf),
    secretValues: all.filter(isSecretObject).flatMap(secretValuesOf),
    unmarked: [],
    denied,
    unknownKinds: [],
  };
}

export function aNamespace(phase = 'Active'): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: NAMESPACE,
      uid: 'uid-of-namespace',
      labels: { team: 'shop' },
      annotations: { note: 'hers' },
    },
    status: { phase },
  };
}
