import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, rmSync } from 'node:fs';
import type { JsonObject } from '../../../../../src/model/json/json.ts';
import type { TestCluster } from '../../../../cluster/cluster.ts';
import { output } from '../../../../cluster/run.ts';
import { cliFor } from '../../cli.ts';
import { created } from '../../fixtures/plain-yaml.ts';
import { type ClusterEntry, flatKubeconfig, type UserEntry, writeKubeconfig } from '../../kubeconfig.ts';
import {
  type Fault,
  type RecordedRequest,
  type RecordingProxy,
  recordingProxy,
} from '../../recording-proxy.ts';
import type { Fixture } from '../../release.ts';
import { asRestrictedUser, type Rule } from '../../restricted-user.ts';
import type { ClusterFault } from '../cluster-fault.ts';
import { borrowedRelease } from '../shared-release.ts';

const RBAC = 'rbac.authorization.k8s.io';
const DAY_MS = 24 * 3600_000;

/** The healthy release of all of these faults, seen with the connection that `connect` makes of the administrator's. */
async function seenOtherwise(
  cluster: TestCluster,
  connect: (release: Fixture) => Promise<{ kubeconfig: string; end?: () => PromiseLike<void> }>,
): Promise<Fixture> {
  const release = await borrowedRelease(cluster, 'none');
  try {
    const { kubeconfig, end } = await connect(release);
    const cli = cliFor(cluster, { ...release, kubeconfig });
    return {
      ...release,
      cli,
      [Symbol.asyncDispose]: async () => {
        cli[Symbol.dispose]();
        await end?.();
        rmSync(kubeconfig, { force: true });
        await release[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await release[Symbol.asyncDispose]();
    throw error;
  }
}

/** Behind a proxy that answers some requests in the API server's place. */
export function behindAProxy(
  cluster: TestCluster,
  fault: NonNullable<RecordingProxy['fault']>,
  certificate: { certificateEnds?: Date } = {},
): Promise<Fixture> {
  return seenOtherwise(cluster, async () => {
    const proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig, certificate);
    proxy.fault = fault;
    return { kubeconfig: proxy.kubeconfig, end: () => proxy[Symbol.asyncDispose]() };
  });
}

/** With another server or another user in the kubeconfig. */
function withKubeconfig(
  cluster: TestCluster,
  { server = {}, user }: { server?: Partial<ClusterEntry>; user?: UserEntry },
): Promise<Fixture> {
  return seenOtherwise(cluster, async () => {
    const admin = await flatKubeconfig(cluster.kubectl, cluster.kubeconfig);
    const users = admin.users.map((entry) => ({ ...entry, user: user ?? entry.user }));
    const entry = { ...admin.clusters[0]!.cluster, ...server };
    return { kubeconfig: writeKubeconfig({ ...admin, users }, entry) };
  });
}

/** As a service account of the namespace that may do only what the rules say, by a token of one hour. */
export async function seenWith(cluster: TestCluster, release: Fixture, rules: Rule[]): Promise<Fixture> {
  const cli = await asRestrictedUser(cluster, release, `operator-${randomBytes(3).toString('hex')}`, rules);
  if (existsSync(release.cli.store)) cpSync(release.cli.store, cli.store, { recursive: true });
  return {
    ...release,
    cli,
    [Symbol.asyncDispose]: async () => {
      cli[Symbol.dispose]();
      await release[Symbol.asyncDispose]();
    },
  };
}

function answering(path: string, body: JsonObject, headers: Record<string, string> = {}) {
  return (request: RecordedRequest): Fault | undefined =>
    request.path.split('?')[0] === path ? { status: 200, body: JSON.stringify(body), headers } : undefined;
}

/** A CronJob that calls kubectl and Helm, whose Role allows the first only. */
export async function aBackupWhoseRoleLacksSecrets(cluster: TestCluster): Promise<Fixture> {
  const name = 'by-hand';
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
  const faulty = await created(cluster, { name, objects: [account] });
  const objects = [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'Role',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: faulty.namespace }],
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'memcached-by-hand' },
      spec: {
        schedule: '0 2 * * *',
        jobTemplate: {
          spec: {
            template: {
              spec: {
                serviceAccountName: name,
                restartPolicy: 'Never',
                containers: [
                  {
                    name: 'backup',
                    image: cluster.images.toolbox ?? cluster.images.memcached,
                    command: [
                      'sh',
                      '-ec',
                      'kubectl get configmap memcached -o yaml > /tmp/c.yaml; helm get values memcached > /tmp/v.yaml',
                    ],
                  },
                ],
              },
            },
          },
        },
      },
    },
  ];
  await faulty.kubectl.objects.create(...objects);
  return faulty;
}

const MAY_SEE_PODS: Rule[] = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
const READS_EVERYTHING: Rule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] },
  { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create'] },
];
const EVERYTHING: Rule[] = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];

export const ACCESS_FAULTS: readonly ClusterFault[] = [
  {
    name: 'all is well',
    reports: [],
    also: ['MB100'],
    inject: (cluster) => borrowedRelease(cluster, 'none'),
  },
  {
    name: 'a server that is not there',
    reports: ['MB101'],
    inject: (cluster) => withKubeconfig(cluster, { server: { server: 'https://127.0.0.1:1' } }),
  },
  {
    name: 'a token that the server does not know',
    reports: ['MB102'],
    inject: (cluster) => withKubeconfig(cluster, { user: { token: 'of-another-cluster' } }),
  },
  {
    name: 'a token that ends within the hour',
    reports: ['MB103'],
    mendedBy: 'the administrator',
    inject: async (cluster) => seenWith(cluster, await borrowedRelease(cluster, 'none'), EVERYTHING),
  },
  {
    name: 'a serving certificate that ends in three days',
    reports: ['MB104'],
    inject: (cluster) =>
      behindAProxy(cluster, () => undefined, { certificateEnds: new Date(Date.now() + 3 * DAY_MS) }),
  },
  {
    name: 'a server whose clock is a minute ahead',
    reports: ['MB105'],
    inject: async (cluster) => {
      const asked = ['--kubeconfig', cluster.kubeconfig, 'get', '--raw', '/version'];
      const version = JSON.parse(await output(cluster.kubectl, asked)) as JsonObject;
      const date = new Date(Date.now() + 60_000).toUTCString();
      return behindAProxy(cluster, answering('/version', version, { date }));
    },
  },
  {
    name: 'a server of another age',
    reports: ['MB106', 'MB107'],
    inject: (cluster) => behindAProxy(cluster, answering('/version', { gitVersion: 'v1.20.1' })),
  },
  {
    name: 'someone who may see pods and nothing else',
    reports: ['MB103', 'MB110'],
    also: ['MB190'],
    mendedBy: 'the administrator',
    inject: async (cluster) => seenWith(cluster, await borrowedRelease(cluster, 'none'), MAY_SEE_PODS),
  },
  {
    name: 'someone who may read everything and write nothing',
    reports: ['MB103', 'MB111'],
    mendedBy: 'the administrator',
    inject: async (cluster) => seenWith(cluster, await borrowedRelease(cluster, 'none'), READS_EVERYTHING),
  },
  {
    name: 'the same, where there is a backup to restore',
    reports: ['MB103', 'MB111 (MB470)'],
    mendedBy: 'the administrator',
    inject: async (cluster) =>
      seenWith(cluster, await borrowedRelease(cluster, 'with a backup'), READS_EVERYTHING),
  },
  {
    name: 'a backup whose Role lacks secrets',
    reports: ['MB120'],
    inject: aBackupWhoseRoleLacksSecrets,
  },
  {
    name: 'the same, seen by someone who may not review others',
    // What cluster-wide bindings may give the account, somebody of the namespace does not see.
    reports: ['MB103'],
    also: ['MB190', 'MB191'],
    mendedBy: 'the administrator',
    inject: async (cluster) => seenWith(cluster, await aBackupWhoseRoleLacksSecrets(cluster), EVERYTHING),
  },
  {
    name: 'a server that fails on one kind',
    reports: [],
    also: ['MB191'],
    inject: (cluster) =>
      behindAProxy(cluster, ({ path }) =>
        path.includes('/cronjobs') ? { status: 500, body: 'etcd is unwell' } : undefined,
      ),
  },
];
