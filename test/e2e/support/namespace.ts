import { randomBytes } from 'node:crypto';
import type { TestCluster } from '../../cluster/cluster.ts';
import { type Kubectl, kubectlIn } from './kubectl.ts';

/** On every namespace that a test makes, so that a person sees where it comes from. */
const LABEL = 'memcached-backup.test/run';

/** A namespace of a test's own. Goes away at the end of its block. */
export interface TestNamespace extends AsyncDisposable {
  namespace: string;
  kubectl: Kubectl;
}

/** @param what a word for the name, so that a person sees whose it is. */
export async function aNamespace(cluster: TestCluster, what: string): Promise<TestNamespace> {
  const place = namespaceNamed(cluster, `mb-e2e-${what}-${randomBytes(4).toString('hex')}`);
  const metadata = { name: place.namespace, labels: { [LABEL]: String(process.pid) } };
  // It fails where the namespace exists: what is deleted in the end was made here.
  await place.kubectl.objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata });
  return place;
}

/** A namespace that a test makes by other means; it goes away at the end of its block, if it is there by then. */
export function namespaceNamed(cluster: TestCluster, namespace: string): TestNamespace {
  const kubectl = kubectlIn(cluster, namespace);
  return {
    namespace,
    kubectl,
    [Symbol.asyncDispose]: async () => {
      await kubectl.objects.abandon(`namespace/${namespace}`);
    },
  };
}
