import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { arrayAt, type JsonObject } from '../../../src/model/json/json.ts';
import { parseYamlStream } from '../../../src/model/json/yaml.ts';
import {
  type Permission,
  type PermissionRule,
  permissionsOf,
  permissionText,
} from '../../../src/model/permissions/command-permissions.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { atMost } from './at-most.ts';
import { type Cli, cliFor } from './cli.ts';
import { eventually } from './eventually.ts';
import type { Kubectl } from './kubectl.ts';
import { recordingProxy, writesAmong } from './recording-proxy.ts';
import type { Fixture } from './release.ts';
import { type ResourceVersions, resourceVersions } from './resource-versions.ts';
import { newestBackup } from './store-files.ts';

const API = 'rbac.authorization.k8s.io';

/** One permission, and a user who has all of the others (impersonated: `--as`). */
export interface WithoutOne {
  permission: Permission;
  text: string;
  user: string;
}

/**
 * For every wanted permission of the rules that lie in the namespace a user who lacks just this one.
 * What several rules grant is one permission, taken away from all of them.
 */
export async function usersWithoutOne(
  kubectl: Kubectl,
  rules: PermissionRule[],
  isWanted: (text: string) => boolean = () => true,
): Promise<WithoutOne[]> {
  const permissions = permissionsInNamespace(rules);
  const run = randomBytes(3).toString('hex');
  const wanted = [...permissions].filter(([text]) => isWanted(text));
  const users = wanted.map(([text, permission], index) => ({
    text,
    permission,
    user: `without-${run}-${index}`,
  }));
  await kubectl.objects.create(
    ...users.flatMap(({ user, text }) => roleAndBinding(user, permissions, new Set([text]))),
  );
  return users;
}

/** A user who lacks all of these permissions of the rules at once. */
export async function userWithout(
  kubectl: Kubectl,
  rules: PermissionRule[],
  lacking: readonly WithoutOne[],
): Promise<string> {
  const user = `without-${randomBytes(3).toString('hex')}-all`;
  const texts = new Set(lacking.map(({ text }) => text));
  await kubectl.objects.create(...roleAndBinding(user, permissionsInNamespace(rules), texts));
  return user;
}

/** A user, and the permissions that he lacks. */
export interface Lacking {
  user: string;
  permissions: WithoutOne[];
}

/**
 * Those that read the release are taken away one by one, for who can't read finds out less. The others are missing to a
 * few users, each to another choice of them: the binary digits of its place. So one taken for another still shows.
 */
export async function lackingEach(
  kubectl: Kubectl,
  rules: PermissionRule[],
  permissions: WithoutOne[],
): Promise<Lacking[]> {
  const own = new Set(createdResources(rules));
  const reads = permissions.filter(
    ({ permission: { verb, resource } }) =>
      verb === 'list' || (verb === 'get' && !own.has(resource)) || resource === 'pods/portforward',
  );
  const others = permissions.filter((each) => !reads.includes(each));
  return [...reads.map(lackingOne), ...(await lackingInChoices(kubectl, rules, others))];
}

export function lackingOne(one: WithoutOne): Lacking {
  return { user: one.user, permissions: [one] };
}

/** Each permission is missing to another choice of these few users. */
export async function lackingInChoices(
  kubectl: Kubectl,
  rules: PermissionRule[],
  permissions: WithoutOne[],
): Promise<Lacking[]> {
  const users: Lacking[] = [];
  for (let digit = 1; digit <= permissions.length; digit *= 2) {
    const chosen = permissions.filter((_, place) => ((place + 1) & digit) !== 0);
    users.push({ user: await userWithout(kubectl, rules, chosen), permissions: chosen });
  }
  return users;
}

/** By their texts, each once. */
function permissionsInNamespace(rules: PermissionRule[]): Map<string, Permission> {
  const inNamespace = rules.filter(({ namespace }) => namespace !== undefined);
  return new Map(
    inNamespace.flatMap(permissionsOf).map((permission) => [permissionText(permission), permission]),
  );
}

function roleAndBinding(
  name: string,
  permissions: ReadonlyMap<string, Permission>,
  lacking: ReadonlySet<string>,
): JsonObject[] {
  const rules = [...permissions]
    .filter(([text]) => !lacking.has(text))
    .map(([, permission]) => permission)
    .map(({ group, resource, verb, name: only }) => ({
      apiGroups: [group],
      resources: [resource],
      verbs: [verb],
      ...(only === undefined ? {} : { resourceNames: [only] }),
    }));
  return [
    { apiVersion: `${API}/v1`, kind: 'Role', metadata: { name }, rules },
    {
      apiVersion: `${API}/v1`,
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: { apiGroup: API, kind: 'Role', name },
      subjects: [{ kind: 'User', apiGroup: API, name }],
    },
  ];
}

/** Whether a message names the permission: in the server's words (also where it must be held), or in ours. */
export function names(message: string, { verb, resource }: Permission, text: string): boolean {
  return (
    message.includes(`cannot ${verb} resource "${resource}"`) ||
    message.includes(`Resources:["${resource}"], Verbs:["${verb}"]`) ||
    message.includes(text)
  );
}

/** The rules that `permissions COMMAND [RELEASE]` gives as data. */
export async function rulesOf({ cli, name }: Fixture, command: string): Promise<PermissionRule[]> {
  const release = command === 'restore' ? [name] : [];
  const data = await cli.json(['permissions', command, ...release]);
  return arrayAt(data, 'items') as unknown as PermissionRule[];
}

/**
 * The tool as a ServiceAccount that has exactly what `permissions COMMAND -o yaml --for …` prints for the
 * namespace. The cluster-wide part is optional; it is only tried, because other tests watch the cluster.
 */
export async function withExactly(
  cluster: TestCluster,
  release: Fixture,
  command: string,
  words: string[],
  work: (cli: Cli) => Promise<void>,
): Promise<void> {
  const { cli, kubectl, namespace } = release;
  const subject = `system:serviceaccount:${namespace}:only-${command}`;
  const text = await cli.ok('permissions', command, ...words, '-o', 'yaml', '--for', subject);
  const file = `${cli.store}-${command}.yaml`;
  writeFileSync(file, text);
  await kubectl.ok('apply', '--dry-run=server', '-f', file);
  const printed = parseYamlStream(text) as JsonObject[];
  await kubectl.apply(...printed.filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding'));
  // The API server hears of a new Role a moment later.
  const [verb, resource] = firstPermission(printed);
  await eventually(() => kubectl.ok('auth', 'can-i', verb, resource, '--as', subject));
  using restricted = cliFor(cluster, release);
  await work({
    ...restricted,
    run: (...args) => restricted.run(...args, '--as', subject),
    ok: (...args) => restricted.ok(...args, '--as', subject),
  });
}

/** One that the printed Role gives, as `kubectl auth can-i` takes it: "list", "deployments.apps". */
function firstPermission(printed: readonly JsonObject[]): [verb: string, resource: string] {
  const role = printed.find(({ kind }) => kind === 'Role');
  const rule = arrayAt(role, 'rules').find((each) => !`${arrayAt(each, 'resources')[0]}`.includes('/'));
  const [verb, resource, group] = ['verbs', 'resources', 'apiGroups'].map(
    (field) => `${arrayAt(rule, field)[0]}`,
  );
  return [verb!, group === '' ? resource! : `${resource}.${group}`];
}

/** How many of them try at once. */
const AT_ONCE = 3;

/**
 * Nobody of them may carry out the command: they are told all that they lack, and nothing else, and until then nothing
 * that writes was sent to the API server.
 */
export async function assertRefused(
  cluster: TestCluster,
  release: Fixture,
  command: 'restore' | 'undo',
  users: Lacking[],
): Promise<void> {
  const { kubectl, name, namespace, cli: direct } = release;
  assert.notEqual(users.length, 0, 'there are permissions to take away');
  await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
  using cli = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
  // Whoever may not read kube-system knows the cluster by its CA, and the proxy has one of its own.
  const clusterName = newestBackup(direct.store).document.cluster.name;
  const there = ['--store', direct.store, '--cluster-name', clusterName];
  const before = await versionsOf(kubectl, namespace);
  const all = new Set(users.flatMap(({ permissions }) => permissions));
  await atMost(AT_ONCE, users, async ({ user, permissions }) => {
    const asked: WithoutOne[] = [];
    for (const each of permissions) if (!(await isNotAskedHere(release, each.permission))) asked.push(each);
    if (asked.length === 0) return;
    const { stderr, code } = await cli.run(command, name, '--yes', '--as', user, ...there);
    const lacked = asked.map(({ text }) => text);
    assert.equal(code, 1, `${command} is refused without ${lacked}: ${stderr}`);
    const named = [...all].filter(({ permission, text }) => names(stderr, permission, text));
    assert.deepEqual(named.map(({ text }) => text).sort(), lacked.sort(), stderr);
  });
  const writes = writesAmong(proxy.requests).filter(({ path }) => !path.includes('/leases'));
  assert.deepEqual(writes, [], 'nothing that writes was sent');
  assert.deepEqual(await versionsOf(kubectl, namespace), before, 'nothing was written');
}

/** The HPA's status moves by itself. */
async function versionsOf(kubectl: Kubectl, namespace: string): Promise<ResourceVersions> {
  const versions = Object.entries(await resourceVersions(kubectl, namespace));
  return Object.fromEntries(versions.filter(([object]) => !object.startsWith('HorizontalPodAutoscaler/')));
}

/** Before Kubernetes 1.35 a port-forward over WebSocket takes "get" alone. */
export async function isNotAskedHere(
  { kubectl }: Pick<Fixture, 'kubectl'>,
  { verb, resource }: Permission,
): Promise<boolean> {
  if (verb !== 'create' || resource !== 'pods/portforward') return false;
  const version = JSON.parse(await kubectl.ok('get', '--raw', '/version')) as { minor: string };
  return Number.parseInt(version.minor, 10) < 35;
}

/** Resources whose objects a restore creates. */
export function createdResources(rules: PermissionRule[]): string[] {
  const patched = rules.filter(({ verbs, optional }) => verbs.includes('patch') && optional !== true);
  return patched.flatMap(({ resources }) => resources);
}

/** Of these kinds objects are read by name where they may not be listed. */
export function isReadByName({ verb, resource }: Permission, rules: PermissionRule[]): boolean {
  return verb === 'list' && resource !== 'secrets' && createdResources(rules).includes(resource);
}

/** What the command does without, as it says. */
export function optionalOnes(rules: PermissionRule[]): Set<string> {
  const optional = rules.filter((rule) => rule.optional === true);
  return new Set(optional.flatMap(permissionsOf).map(permissionText));
}
