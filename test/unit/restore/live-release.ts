import { outlineOf } from '../../../src/kube/outline.ts';
import type { LiveRelease } from '../../../src/kube/read-release.ts';
import type { HelmRevision } from '../../../src/model/helm/helm-release.ts';
import { type KubeObject, keyOf, refOf } from '../../../src/model/kubernetes/object.ts';
import { controllerUid } from '../../../src/model/kubernetes/workload.ts';
import { isSecretObject, secretValuesOf } from '../../../src/model/secrets/secrecy.ts';

/** A live release of these objects, all owned and named by its manifest. */
export function liveRelease(objects: KubeObject[], history: HelmRevision[] = []): LiveRelease {
  const classified = objects.map((object) => ({
    ref: refOf(object),
    object,
    role: 'owned' as const,
    from: 'manifest' as const,
  }));
  const byKey = new Map(objects.map((object) => [keyOf(refOf(object)), object]));
  return {
    release: 'cart',
    namespaceName: 'shop',
    namespace: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    history,
    named: classified.map(({ ref }) => ({ ref, from: 'manifest' as const })),
    classified,
    missing: [],
    historyDenied: [],
    unreadable: [],
    find: (ref) => byKey.get(keyOf(ref)),
    all: (kind) => objects.filter((object) => object.kind === kind),
    outlines: (kind) => objects.filter((object) => object.kind === kind).map(outlineOf),
    controlled: (kind, controllers) =>
      objects
        .filter((object) => object.kind === kind && controllers.includes(controllerUid(object) ?? ''))
        .map(outlineOf),
    secretValues: objects.filter(isSecretObject).flatMap(secretValuesOf),
    unmarked: [],
    denied: [],
    unknownKinds: [],
  };
}
