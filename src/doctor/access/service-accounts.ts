import { missingPermissionsOf } from '../../kube/access-review.ts';
import { RELEASE_KINDS } from '../../kube/read-release.ts';
import { builtInType } from '../../kube/resource-types.ts';
import { backupMaker, scriptOf } from '../../model/backup-cronjob.ts';
import type { Finding, Repair } from '../../model/finding.ts';
import { foreignManager } from '../../model/foreign-manager.ts';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../model/json.ts';
import { type KubeObject, nameOf, type ObjectRef, refOf } from '../../model/object.ts';
import {
  NO_BACKUP,
  type Permission,
  permissionsOf,
  permissionText,
  rulesFor,
} from '../../model/permissions.ts';
import {
  allows,
  names,
  type RbacObjects,
  rulesOfServiceAccount,
  type ServiceAccountRef,
} from '../../model/rbac-rules.ts';
import { podTemplateOf } from '../../model/workload.ts';
import { finding } from '../catalogue.ts';
import type { Ward } from '../ward.ts';
import { scriptNeeds } from './script-needs.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';

/** What the service accounts of backup CronJobs lack for what their containers do. */
export async function examineServiceAccounts(ward: Ward): Promise<Finding[]> {
  const { sight, namespace, releases } = ward;
  const releaseNames = releases.map(({ name }) => name);
  const cronJobs = (await sight.list('batch/v1', 'CronJob', namespace)) ?? [];
  const examined = cronJobs.map(async (cronJob) => {
    const maker = backupMaker(cronJob, releaseNames);
    if (maker === undefined) return [];
    const needs = maker === 'tool' ? toolNeeds(cronJob) : ownScriptNeeds(cronJob);
    return needs.length === 0 ? [] : examineAccount(ward, cronJob, needs);
  });
  return (await Promise.all(examined)).flat();
}

async function examineAccount(ward: Ward, cronJob: KubeObject, needs: Permission[]): Promise<Finding[]> {
  const namespace = refOf(cronJob).namespace ?? '';
  const name = stringAt(podTemplateOf(cronJob), 'spec', 'serviceAccountName') ?? 'default';
  const account = { namespace, name };
  const said = await ward.sight.try(`what serviceaccount/${name} may do`, () =>
    missingPermissionsOf(ward.kube, account, needs),
  );
  const rbac = await readRbac(ward, said === undefined);
  const missing = said ?? missingByBindings(account, needs, rbac);
  if (missing === undefined) {
    ward.sight.note({
      what: `what serviceaccount/${name} may do`,
      why: 'you may neither create subjectaccessreviews nor list roles and their bindings',
    });
    return [];
  }
  if (missing.length === 0) return [];
  const repair = rbac === undefined ? undefined : addRules(account, missing, rbac);
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name };
  const source =
    said === undefined
      ? [{ text: 'computed from roles and bindings: you may not create subjectaccessreviews' }]
      : [];
  return [
    finding('MB120', {
      object: ref,
      about: [refOf(cronJob)],
      summary: `the service account of cronjob.batch/${nameOf(cronJob)} may not ${missing.map(permissionText).join(', ')}`,
      evidence: [
        ...missing.map((permission) => ({ text: `missing: ${permissionText(permission)}` })),
        ...source,
      ],
      fix: [repair === undefined ? grantCommand(ward, account) : patchCommand(repair)],
      ...(repair === undefined ? {} : { repair }),
    }),
  ];
}

/** What `backup` takes, where it works. */
function toolNeeds(cronJob: KubeObject): Permission[] {
  const everywhere = /\s(?:-A|--all-namespaces)\b/.test(scriptOf(cronJob));
  const [, named] = /\s(?:-n|--namespace)[= ]?["']?([a-z0-9-]+)/.exec(scriptOf(cronJob)) ?? [];
  const scope = {
    namespace: everywhere ? undefined : (named ?? refOf(cronJob).namespace),
    releaseKinds: RELEASE_KINDS.flatMap(([apiVersion, kind]) => builtInType(apiVersion, kind) ?? []),
    doctorKinds: [],
    backupKinds: NO_BACKUP,
    namespaceMissing: false,
  };
  return rulesFor('backup', scope)
    .filter(({ optional }) => optional !== true)
    .flatMap(permissionsOf);
}

function ownScriptNeeds(cronJob: KubeObject): Permission[] {
  const env = arrayAt(podTemplateOf(cronJob), 'spec', 'containers')
    .flatMap((container) => arrayAt(container, 'env'))
    .flatMap((entry) => {
      const value = stringAt(entry, 'value');
      return value === undefined ? [] : [[stringAt(entry, 'name') ?? '', value] as const];
    });
  return scriptNeeds(scriptOf(cronJob), refOf(cronJob).namespace ?? '', Object.fromEntries(env));
}

/** Cluster-wide roles are read only where nothing else tells what one may do. */
async function readRbac({ sight, namespace }: Ward, all: boolean): Promise<RbacObjects | undefined> {
  const [roles, roleBindings] = await Promise.all([
    sight.list(RBAC, 'Role', namespace),
    sight.list(RBAC, 'RoleBinding', namespace),
  ]);
  if (roles === undefined || roleBindings === undefined) return undefined;
  if (!all) return { roles, roleBindings, clusterRoles: [], clusterRoleBindings: [] };
  const [clusterRoles, clusterRoleBindings] = await Promise.all([
    sight.list(RBAC, 'ClusterRole'),
    sight.list(RBAC, 'ClusterRoleBinding'),
  ]);
  return {
    roles,
    roleBindings,
    clusterRoles: clusterRoles ?? [],
    clusterRoleBindings: clusterRoleBindings ?? [],
  };
}

function missingByBindings(
  account: ServiceAccountRef,
  needs: readonly Permission[],
  rbac: RbacObjects | undefined,
): Permission[] | undefined {
  if (rbac === undefined) return undefined;
  return needs.filter(
    (need) =>
      !allows(
        [
          ...rulesOfServiceAccount(account, need.namespace, rbac),
          ...rulesOfServiceAccount(account, undefined, rbac),
        ],
        need,
      ),
  );
}

/**
 * Adds what is missing to a Role that the account has already, where it all lies in that Role's namespace.
 * Not where something would put the Role back.
 */
function addRules(
  account: ServiceAccountRef,
  missing: readonly Permission[],
  { roles, roleBindings }: RbacObjects,
): Repair | undefined {
  const namespace = missing[0]?.namespace;
  if (namespace === undefined || missing.some((each) => each.namespace !== namespace)) return undefined;
  const bound = roleBindings
    .filter((binding) => refOf(binding).namespace === namespace && names(binding, account))
    .filter((binding) => stringAt(binding, 'roleRef', 'kind') === 'Role')
    .map((binding) => stringAt(binding, 'roleRef', 'name'));
  const role = roles.find(
    (each) =>
      refOf(each).namespace === namespace &&
      bound.includes(nameOf(each)) &&
      foreignManager(each) === undefined,
  );
  if (role === undefined) return undefined;
  const rules = [...Map.groupBy(missing, ({ group, verb }) => `${group} ${verb}`).values()].map(ruleOf);
  const exists = objectAt(role)?.rules !== undefined && objectAt(role)?.rules !== null;
  return {
    what: `add what is missing to role.rbac.authorization.k8s.io/${nameOf(role)}`,
    steps: [
      {
        action: 'patch',
        ref: refOf(role),
        operations: exists
          ? rules.map((value) => ({ op: 'add', path: '/rules/-', value }))
          : [{ op: 'add', path: '/rules', value: rules }],
      },
    ],
  };
}

function ruleOf(permissions: readonly Permission[]): JsonObject {
  return {
    apiGroups: [permissions[0]?.group ?? ''],
    resources: [...new Set(permissions.map(({ resource }) => resource))],
    verbs: [permissions[0]?.verb ?? ''],
  };
}

function patchCommand({ steps: [step] }: Repair): string {
  if (step?.action !== 'patch') throw new TypeError('a rule is added by a patch');
  return `kubectl patch role ${step.ref.name} -n ${step.ref.namespace} --type=json -p '${JSON.stringify(step.operations)}'`;
}

function grantCommand({ invocation }: Ward, { namespace, name }: ServiceAccountRef): string {
  return `${invocation} permissions backup -n ${namespace} -o yaml --for system:serviceaccount:${namespace}:${name} | kubectl apply -f -`;
}
