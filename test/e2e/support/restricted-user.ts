import { rmSync } from 'node:fs';
import type { JsonObject } from '../../../src/model/json/json.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { type Cli, cliFor } from './cli.ts';
import { flatKubeconfig, writeKubeconfig } from './kubeconfig.ts';
import type { Fixture } from './release.ts';

/** Rules of a Role, as Kubernetes writes them. */
export type Rule = { apiGroups: string[]; resources: string[]; verbs: string[] };

/** All that reading one release takes within its namespace. */
export const READ_EVERYTHING: Rule[] = [
  {
    apiGroups: [''],
    resources: ['configmaps', 'persistentvolumeclaims', 'pods', 'secrets', 'serviceaccounts', 'services'],
    verbs: ['get', 'list'],
  },
  {
    apiGroups: ['apps'],
    resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
    verbs: ['get', 'list'],
  },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['get', 'list'] },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['get', 'list'] },
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings', 'roles'], verbs: ['get', 'list'] },
  { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create', 'get'] },
  // A Role in a namespace also lets one read that namespace itself.
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
];

/** `rules` without some verbs on one resource. */
export function without(rules: Rule[], resource: string, ...verbs: string[]): Rule[] {
  return rules.flatMap((rule) => {
    const others = rule.resources.filter((other) => other !== resource);
    const left = rule.verbs.filter((verb) => !verbs.includes(verb));
    return rule.resources.includes(resource)
      ? [
          { ...rule, resources: others },
          { ...rule, resources: [resource], verbs: left },
        ].filter(({ resources, verbs: kept }) => resources.length > 0 && kept.length > 0)
      : [rule];
  });
}

/** The tool as a ServiceAccount of the release's namespace that may do only what `rules` say. */
export async function asRestrictedUser(
  cluster: TestCluster,
  { namespace, kubectl, secrets }: Fixture,
  name: string,
  rules: Rule[],
): Promise<Cli> {
  const api = 'rbac.authorization.k8s.io';
  await kubectl.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
    { apiVersion: `${api}/v1`, kind: 'Role', metadata: { name }, rules: rules as unknown as JsonObject[] },
    {
      apiVersion: `${api}/v1`,
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: { apiGroup: api, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  );
  const token = (await kubectl.ok('create', 'token', name)).trim();
  const admin = await flatKubeconfig(cluster.kubectl, cluster.kubeconfig);
  const users = admin.users.map((user) => ({ ...user, user: { token } }));
  const kubeconfig = writeKubeconfig({ ...admin, users }, admin.clusters[0]!.cluster);
  const cli = cliFor(cluster, { namespace, secrets, kubeconfig });
  return {
    ...cli,
    [Symbol.dispose]: () => {
      cli[Symbol.dispose]();
      rmSync(kubeconfig, { force: true });
    },
  };
}
