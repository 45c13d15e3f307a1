import type { Permission } from '../../model/permissions/command-permissions.ts';
import { shellCommands } from '../shell-commands.ts';

/** Names that kubectl takes for what backups read: resource, group, singular and short names. */
const RESOURCES: readonly (readonly [plural: string, group: string, ...others: string[]])[] = [
  ['configmaps', '', 'configmap', 'cm'],
  ['secrets', '', 'secret'],
  ['services', '', 'service', 'svc'],
  ['pods', '', 'pod', 'po'],
  ['serviceaccounts', '', 'serviceaccount', 'sa'],
  ['persistentvolumeclaims', '', 'persistentvolumeclaim', 'pvc'],
  ['replicationcontrollers', '', 'replicationcontroller', 'rc'],
  ['deployments', 'apps', 'deployment', 'deploy'],
  ['statefulsets', 'apps', 'statefulset', 'sts'],
  ['daemonsets', 'apps', 'daemonset', 'ds'],
  ['replicasets', 'apps', 'replicaset', 'rs'],
  ['horizontalpodautoscalers', 'autoscaling', 'horizontalpodautoscaler', 'hpa'],
  ['jobs', 'batch', 'job'],
  ['cronjobs', 'batch', 'cronjob', 'cj'],
  ['poddisruptionbudgets', 'policy', 'poddisruptionbudget', 'pdb'],
  ['networkpolicies', 'networking.k8s.io', 'networkpolicy', 'netpol'],
  ['roles', 'rbac.authorization.k8s.io', 'role'],
  ['rolebindings', 'rbac.authorization.k8s.io', 'rolebinding'],
];

/** What `kubectl get all` lists: the category "all" of the built-in resources. */
const ALL = [
  'pods',
  'replicationcontrollers',
  'services',
  'daemonsets',
  'deployments',
  'replicasets',
  'statefulsets',
  'horizontalpodautoscalers',
  'cronjobs',
  'jobs',
];

/** Flags of kubectl and helm whose value is a word of its own. */
const WITH_VALUE = new Set([
  '-n',
  '--namespace',
  '-o',
  '--output',
  '-l',
  '--selector',
  '--context',
  '--kubeconfig',
]);

/**
 * What a backup script asks the API server for, read off its `kubectl get` and `helm get` commands: kubectl
 * gets an object by its name and lists without one; Helm lists its records, Secrets by default
 * (helm.sh/helm/v3/pkg/storage, Last). What a script does by other means is not seen.
 * @param namespace where commands work that name none.
 * @param env variables of the container, for "-n $NAMESPACE".
 */
export function scriptNeeds(
  script: string,
  namespace: string,
  env: Readonly<Record<string, string>> = {},
): Permission[] {
  const variables = { ...env, ...assignments(script) };
  const needs = shellCommands(script, variables).flatMap((words) => needsOf(words, namespace));
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

function needsOf(words: readonly string[], ownNamespace: string): Permission[] {
  const [program = ''] = words;
  const { positional, namespace: named, all } = read(words.slice(1));
  const namespace = all ? undefined : (named ?? ownNamespace);
  const [verb, ...rest] = positional;
  const name = program.split('/').at(-1);
  if (name === 'helm' && ['get', 'history', 'status', 'list', 'ls'].includes(verb ?? '')) {
    return [{ namespace, group: '', resource: 'secrets', verb: 'list' }];
  }
  if (name !== 'kubectl' || verb !== 'get') return [];
  const [kinds = '', ...names] = rest;
  // "deployment/x service/y" names objects; "deployment x" too; "deployment" lists.
  if (kinds.includes('/')) return rest.flatMap((word) => asked(word.split('/')[0] ?? '', 'get', namespace));
  return kinds.split(',').flatMap((kind) => asked(kind, names.length > 0 ? 'get' : 'list', namespace));
}

function asked(kind: string, verb: string, namespace: string | undefined): Permission[] {
  if (kind === 'all') return ALL.flatMap((plural) => asked(plural, verb, namespace));
  const [word = ''] = kind.toLowerCase().split('.');
  const found = RESOURCES.find((names) => names.some((each, index) => index !== 1 && each === word));
  return found === undefined ? [] : [{ namespace, group: found[1], resource: found[0], verb }];
}

function read(words: readonly string[]): { positional: string[]; namespace?: string; all: boolean } {
  const positional: string[] = [];
  let namespace: string | undefined;
  let all = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    const [flag = '', value] = word.split(/=(.*)/s);
    if (flag === '-A' || flag === '--all-namespaces') all = true;
    else if (flag === '-n' || flag === '--namespace') namespace = value ?? words[++index];
    else if (/^-n./.test(word)) namespace = word.slice(2);
    else if (WITH_VALUE.has(word)) index++;
    else if (!word.startsWith('-')) positional.push(word);
  }
  return { positional, all, ...(namespace === undefined ? {} : { namespace }) };
}

function assignments(script: string): Record<string, string> {
  const found = script.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)=["']?([^"'\s$`]*)["']?\s*$/gm);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]));
}
