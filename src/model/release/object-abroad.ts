import { createHash } from 'node:crypto';
import { numberAt, stringAt } from '../json/json.ts';
import {
  annotationsOf,
  groupOf,
  type KubeObject,
  labelsOf,
  type ObjectRef,
  uidOf,
} from '../kubernetes/object.ts';

/**
 * Objects outside a release's namespace, cluster-wide ones too. Helm's record says which of them are the release's, and
 * whoever may write Secrets of a namespace can write such a record: so nothing is read of them but who they are.
 */

/** Whether an object lies outside a release's namespace. The namespace itself counts as inside. */
export function isAbroad({ apiVersion, kind, namespace, name }: ObjectRef, ofRelease: string): boolean {
  if (namespace !== undefined) return namespace !== ofRelease;
  return !(groupOf(apiVersion) === '' && kind === 'Namespace' && name === ofRelease);
}

/**
 * Whether an object bears the marks of this very release, all that Helm asks for before it takes an object for its own
 * (helm.sh/helm/v3/pkg/action/validate.go, checkOwnership; Helm 4 likewise).
 */
export function isMarkedAs(object: KubeObject, release: { namespace: string; release: string }): boolean {
  const annotations = annotationsOf(object);
  return (
    labelsOf(object)['app.kubernetes.io/managed-by'] === 'Helm' &&
    annotations['meta.helm.sh/release-name'] === release.release &&
    annotations['meta.helm.sh/release-namespace'] === release.namespace
  );
}

/**
 * What is kept of an object abroad: who it is, and a digest that is another one once it was written again. The digest
 * is over its uid and its generation (of kinds that have none, its resourceVersion), never over its content, which
 * could be guessed from it.
 * @param metadata the object, of which metadata alone is looked at.
 */
export function identityOf(
  metadata: KubeObject,
  { apiVersion, kind, namespace, name }: ObjectRef,
): KubeObject {
  const uid = uidOf(metadata) ?? '';
  const generation = numberAt(metadata, 'metadata', 'generation');
  const version =
    generation === undefined ? stringAt(metadata, 'metadata', 'resourceVersion') : `${generation}`;
  const digest = createHash('sha256')
    .update(JSON.stringify([uid, version ?? '']))
    .digest('hex');
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid },
    digest: `sha256:${digest}`,
  };
}
