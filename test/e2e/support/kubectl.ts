import type { JsonObject } from '../../../src/model/json/json.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { type Objects, objectsIn } from './objects.ts';
import { expectCode, type Outcome, run, SHORT_LIVED_GO } from './process.ts';

/**
 * `kubectl apply` without the API's schema, which takes it and the API server longer than all the rest; for the kinds that kubectl
 * itself knows it makes the same patch without. What stands in tests is valid.
 */
const APPLY = ['apply', '--validate=false', '--openapi-patch=false'];

/** kubectl on the test cluster, in one namespace. */
export interface Kubectl {
  /** The way to its pods past kubectl, where there is one: see `dial`. */
  podNetwork: TestCluster['podNetwork'];
  /** The objects of the same namespace without a kubectl, for whoever only looks. */
  objects: Objects;
  /** Any exit code. */
  run(...args: string[]): Promise<Outcome>;
  /** Standard output. @throws Error describing the run where kubectl fails. */
  ok(...args: string[]): Promise<string>;
  /** `kubectl … -o json`, parsed. */
  json(...args: string[]): Promise<JsonObject>;
  /** `kubectl apply -f -` of what is given. */
  apply(...objects: JsonObject[]): Promise<void>;
  /** The same, for what it prints. */
  applying(...objects: JsonObject[]): Promise<Outcome>;
}

export function kubectlIn(cluster: TestCluster, namespace: string, kubeconfig = cluster.kubeconfig): Kubectl {
  const kubectl = (args: string[], input?: string) =>
    run(cluster.kubectl, ['-n', namespace, ...args], {
      env: { ...process.env, ...SHORT_LIVED_GO, KUBECONFIG: kubeconfig },
      input,
    });
  const ok = async (args: string[]) => expectCode(await kubectl(args)).stdout;
  const applying = async (items: JsonObject[]) =>
    expectCode(
      await kubectl([...APPLY, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items })),
    );
  return {
    podNetwork: cluster.podNetwork,
    objects: objectsIn(cluster, namespace, kubeconfig),
    run: (...args) => kubectl(args),
    ok: (...args) => ok(args),
    json: async (...args) => JSON.parse(await ok([...args, '-o', 'json'])) as JsonObject,
    apply: async (...objects) => {
      await applying(objects);
    },
    applying: (...objects) => applying(objects),
  };
}
