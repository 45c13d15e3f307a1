import type { JsonObject } from '../../../src/model/json/json.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { expectCode, type Outcome, run } from './process.ts';

/** kubectl on the test cluster, in one namespace. */
export interface Kubectl {
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
      env: { ...process.env, KUBECONFIG: kubeconfig },
      input,
    });
  const ok = async (args: string[]) => expectCode(await kubectl(args)).stdout;
  const applying = async (objects: JsonObject[]) =>
    expectCode(
      await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })),
    );
  return {
    run: (...args) => kubectl(args),
    ok: (...args) => ok(args),
    json: async (...args) => JSON.parse(await ok([...args, '-o', 'json'])) as JsonObject,
    apply: async (...objects) => {
      await applying(objects);
    },
    applying: (...objects) => applying(objects),
  };
}
