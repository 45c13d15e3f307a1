import { nameOf } from '../../../src/model/kubernetes/object.ts';
import type { Kubectl } from './kubectl.ts';
import { isGone } from './objects.ts';

/** Kubernetes itself puts these into every namespace. */
const OF_EVERY_NAMESPACE = ['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default'];

/** "Kind/name" of what is in a namespace, of every kind that there is, Helm's records and Leases included. */
export async function leftIn({ objects }: Kubectl): Promise<string[]> {
  // Tests that run beside this one make kinds of their own, and take them away.
  const found = await objects.listEverything((kind) => !/^events\b|\.metrics\.k8s\.io$|e2e-/.test(kind));
  return found
    .map((object) => `${String(object.kind)}/${nameOf(object)}`)
    .filter((object) => !OF_EVERY_NAMESPACE.includes(object))
    .sort();
}

/** Waits until the pods with a label, or all of the namespace, are gone: of what is left they go last. */
export async function podsAreGone({ objects }: Kubectl, labels?: string): Promise<void> {
  await objects.until('pods', isGone, labels === undefined ? {} : { labels });
}
