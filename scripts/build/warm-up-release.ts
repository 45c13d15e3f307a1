import {
  arrayAt,
  isObject,
  type JsonObject,
  jsonEqual,
  objectAt,
  valueAt,
} from '../../src/model/json/json.ts';
import { type KubeObject, labelsOf, nameOf, refOf, uidOf } from '../../src/model/kubernetes/object.ts';
import { ModelServer } from '../../test/support/api-server.ts';
import { aRecord } from '../../test/support/helm-records.ts';
import { aNamespace } from '../../test/support/live-release.ts';
import {
  aConfigMap,
  aDeployment,
  anObject,
  aPod,
  aReplicaSet,
  aSecret,
  aService,
  aServiceAccount,
  type Fixture,
  withContainer,
} from '../../test/support/objects.ts';

/** The release of the warm-up, and its namespace. */
export const RELEASE = { name: 'cart', namespace: 'shop' };

const RBAC = 'rbac.authorization.k8s.io/v1';
const SYSTEM: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'kube-system', uid: '3f6c2a10-0f5e' },
};

// What looks like a number whose digits must be kept (src/model/json/json.ts) is in some text of a run or is not, by chance; here it always is.
const DEPLOYMENT = aDeployment('cart').annotated({ 'example.com/share': 'about 0.5 of the reads' });
const BUDGET = anObject('policy/v1', 'PodDisruptionBudget', 'cart').with({
  spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'cart' } } },
});
const ROLE = anObject(RBAC, 'Role', 'cart').with({
  rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['cart'] }],
});
const BINDING = anObject(RBAC, 'RoleBinding', 'cart').with({
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'cart' },
  subjects: [{ kind: 'ServiceAccount', name: 'cart', namespace: RELEASE.namespace }],
});
const MANIFEST = [
  aServiceAccount('cart'),
  aSecret('cart', { password: 'correct-horse' }),
  aConfigMap('cart'),
  ROLE,
  BINDING,
  aService('cart'),
  DEPLOYMENT,
  BUDGET,
].map(byHelm);
const INSTALLED = MANIFEST.map(({ object }) => object);

/** A cluster with the release as it was installed: two pods, one revision. */
export function installedRelease(): ModelServer {
  const server = new ModelServer([
    aNamespace(),
    SYSTEM,
    ...MANIFEST.map((fixture) => fixture.served().ownedBy('helm', { 'f:spec': {}, 'f:data': {} }).object),
    aRecord(1, 'deployed', { manifest: INSTALLED, config: { memory: 64 } }),
  ]);
  rollOut(server);
  return server;
}

/** A `helm upgrade` to other settings; and by hand, an object is gone. */
export function upgrade(server: ModelServer): void {
  const changed = byHelm(withContainer(DEPLOYMENT, { args: ['-m', '128', '-c', '1024'] })).object;
  Object.assign(theOnly(server, 'Deployment'), { spec: changed.spec });
  Object.assign(theOnly(server, 'ConfigMap'), { data: { 'memcached.conf': '-m 128\n' } });
  const budget = theOnly(server, 'PodDisruptionBudget');
  server.delete(refOf(budget), uidOf(budget));
  const [first] = server.objects.filter(({ type }) => type === 'helm.sh/release.v1');
  Object.assign(first!, aRecord(1, 'superseded', { manifest: INSTALLED, config: { memory: 64 } }));
  const manifest = INSTALLED.map((object) => (object.kind === 'Deployment' ? changed : object));
  create(server, aRecord(2, 'deployed', { manifest, config: { memory: 128 } }));
  rollOut(server);
}

/** What Kubernetes' controllers make of the Deployment as it is now: other pods, where its template is another. */
export function rollOut(server: ModelServer): void {
  const deployment = theOnly(server, 'Deployment');
  const template = objectAt(deployment, 'spec', 'template')!;
  const sets = server.objects.filter(({ kind }) => kind === 'ReplicaSet');
  const current = sets.at(-1);
  if (current !== undefined && jsonEqual(objectAt(current, 'spec', 'template')!, template)) return;
  for (const pod of server.objects.filter(({ kind }) => kind === 'Pod'))
    server.delete(refOf(pod), uidOf(pod));
  const revision = sets.length + 1;
  const metadata = objectAt(deployment, 'metadata')!;
  metadata.generation = revision;
  metadata.annotations = {
    ...objectAt(metadata, 'annotations'),
    'deployment.kubernetes.io/revision': String(revision),
  };
  deployment.status = { ...objectAt(deployment, 'status'), observedGeneration: revision };
  const metadataOfPods = { labels: labelsOf(template) };
  const made = aReplicaSet(deployment, revision).with({
    metadata: metadataOfPods,
    spec: { replicas: 2, template },
  });
  const set = create(server, made.object);
  for (const pod of ['a', 'b']) {
    const running = aPod(`${nameOf(set)}-${pod}`, set).with({
      metadata: metadataOfPods,
      spec: objectAt(template, 'spec')!,
      status: { containerStatuses: [RUNNING] },
    });
    create(server, running.object);
  }
}

const RUNNING: JsonObject = {
  name: 'memcached',
  ready: true,
  started: true,
  restartCount: 0,
  imageID: `memcached@sha256:${'ab'.repeat(32)}`,
  state: { running: { startedAt: '2026-11-22T10:00:00Z' } },
};

/** What memcached of a pod answers to a line that it is sent; undefined: nothing, it waits for more. */
export function memcachedOf(pod: KubeObject): (line: string) => string | undefined {
  const args = arrayAt(arrayAt(pod, 'spec', 'containers')[0], 'args').map(String);
  const stats = {
    settings: {
      maxbytes: Number(args[1]) * 1024 * 1024,
      maxconns: Number(args[3]),
      tcpport: 11211,
      evictions: 'on',
    },
    '': {
      pid: 1,
      uptime: 3600,
      curr_connections: 3,
      cmd_get: 9,
      get_hits: 8,
      curr_items: 1,
      bytes: 70,
      evictions: 0,
    },
  };
  let value: string | undefined;
  return (line) => {
    const [command, kind = ''] = line.split(' ');
    if (command === 'version') return 'VERSION 1.6.39\r\n';
    if (command === 'stats') return `${lines(valueAt(stats, kind))}END\r\n`;
    if (command === 'get') return `VALUE ${kind} 0 ${value!.length}\r\n${value}\r\nEND\r\n`;
    if (command === 'delete') return 'DELETED\r\n';
    if (command === 'add') return undefined;
    value = line;
    return 'STORED\r\n';
  };
}

function lines(stats: unknown): string {
  return isObject(stats)
    ? Object.entries(stats)
        .map(([name, value]) => `STAT ${name} ${String(value)}\r\n`)
        .join('')
    : '';
}

function byHelm(fixture: Fixture): Fixture {
  const { name, namespace } = RELEASE;
  return fixture
    .labelled({ 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/instance': name })
    .annotated({ 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace });
}

function theOnly(server: ModelServer, kind: string): KubeObject {
  return server.objects.find((object) => object.kind === kind && nameOf(object) === RELEASE.name)!;
}

/** The server gives it an identity of its own. */
function create(server: ModelServer, object: KubeObject): KubeObject {
  const { uid: _uid, resourceVersion: _version, ...metadata } = objectAt(object, 'metadata')!;
  return server.write({ ...object, metadata });
}
