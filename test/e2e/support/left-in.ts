import { arrayAt, type JsonObject, stringAt } from '../../../src/model/json/json.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
import type { Kubectl } from './kubectl.ts';

/** Kubernetes itself puts these into every namespace. */
const OF_EVERY_NAMESPACE = ['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default'];

/** "Kind/name" of what is in a namespace, of every kind that there is, Helm's records and Leases included. */
export async function leftIn(kubectl: Kubectl): Promise<string[]> {
  const listed = await kubectl.ok('api-resources', '--namespaced', '--verbs=list', '-o', 'name');
  const kinds = listed
    .split('\n')
    // Tests that run beside this one make kinds of their own, and take them away.
    .filter((kind) => kind !== '' && !/^events\b|\.metrics\.k8s\.io$|e2e-/.test(kind));
  const found = await kubectl.json('get', kinds.join(','));
  return arrayAt(found, 'items')
    .map((object) => `${stringAt(object, 'kind')}/${nameOf(object as JsonObject)}`)
    .filter((object) => !OF_EVERY_NAMESPACE.includes(object))
    .sort();
}

/** Waits until the pods with a label, or all of the namespace, are gone: of what is left they go last. */
export async function podsAreGone(kubectl: Kubectl, selector?: string): Promise<void> {
  const which = selector === undefined ? ['--all'] : ['-l', selector];
  await kubectl.ok('wait', '--for=delete', 'pod', ...which, '--timeout=60s');
}
