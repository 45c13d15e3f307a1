import { type Command, kubectl, pipe, tool } from '../../advice/command.ts';
import { orUndefined } from '../../errors/or-undefined.ts';
import { missingPermissionsOf } from '../../kube/access-review.ts';
import { builtInType } from '../../kube/resource-types.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import { type KubeObject, nameOf, type ObjectRef, refOf } from '../../model/kubernetes/object.ts';
import { podTemplateOf } from '../../model/kubernetes/workload.ts';
import {
  NO_BACKUP,
  type Permission,
  permissionsOf,
  permissionText,
  rulesFor,
} from '../../model/permissions/command-permissions.ts';
import type { ServiceAccountRef } from '../../model/permissions/rbac-rules.ts';
import { RELEASE_KINDS } from '../../model/release/release-kinds.ts';
import { backupMaker, isScheduleOfTool, scriptOf } from '../../model/schedule/backup-cronjob.ts';
import { finding } from '../catalogue.ts';
import type { DoctorContext } from '../doctor-context.ts';
import { addClusterRules, addRules, patchCommand } from './add-rules.ts';
import { judgeByBindings, type ReadableRbac } from './by-bindings.ts';
import { scriptNeeds } from './script-needs.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';

/** What the service accounts of backup CronJobs lack for what their containers do. */
export async function examineServiceAccounts(doctor: DoctorContext): Promise<Finding[]> {
  const { reader, namespace, releases } = doctor;
  const releaseNames = releases.map(({ name }) => name);
  const cronJobs = (await reader.list('batch/v1', 'CronJob', namespace)) ?? [];
  const examined = cronJobs.map(async (cronJob) => {
    const maker = backupMaker(cronJob, releaseNames);
    if (maker === undefined) return [];
    const needs = maker === 'tool' ? toolNeeds(cronJob) : ownScriptNeeds(cronJob);
    return needs.length === 0 ? [] : examineAccount(doctor, cronJob, needs);
  });
  return (await Promise.all(examined)).flat();
}

async function examineAccount(
  doctor: DoctorContext,
  cronJob: KubeObject,
  needs: Permission[],
): Promise<Finding[]> {
  const namespace = refOf(cronJob).namespace ?? '';
  const name = stringAt(podTemplateOf(cronJob), 'spec', 'serviceAccountName') ?? 'default';
  const account = { namespace, name };
  const said = await doctor.reader.try(`what serviceaccount/${name} may do`, () =>
    missingPermissionsOf(doctor.kube, account, needs),
  );
  const rbac = await readRbac(doctor, said === undefined);
  const { missing, unknown } =
    said === undefined ? judgeByBindings(account, needs, rbac) : { missing: said, unknown: [] };
  if (unknown.length > 0) {
    doctor.reader.note({
      what: `what serviceaccount/${name} may do`,
      why: `you may not create subjectaccessreviews, nor read every role and binding that could allow it to ${unknown.map(permissionText).join(', ')}`,
    });
  }
  if (missing.length === 0) return [];
  const repair =
    addRules(account, missing, rbac.roles ?? [], rbac.roleBindings ?? []) ??
    addClusterRules(missing, await ownClusterRole(doctor, cronJob));
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
      advice: [repair === undefined ? grantCommand(account) : patchCommand(repair)],
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

/** The ClusterRole that a schedule with -A has to itself, by its name (model/schedule/schedule-objects.ts). */
async function ownClusterRole({ kube }: DoctorContext, cronJob: KubeObject): Promise<KubeObject | undefined> {
  if (!isScheduleOfTool(cronJob)) return undefined;
  const { namespace = '', name } = refOf(cronJob);
  return orUndefined(() => kube.get({ apiVersion: RBAC, kind: 'ClusterRole', name: `${name}:${namespace}` }));
}

/** Cluster-wide roles are read only where nothing else tells what one may do. */
async function readRbac({ reader, namespace }: DoctorContext, all: boolean): Promise<ReadableRbac> {
  const [roles, roleBindings, clusterRoles, clusterRoleBindings] = await Promise.all([
    reader.list(RBAC, 'Role', namespace),
    reader.list(RBAC, 'RoleBinding', namespace),
    ...(all ? [reader.list(RBAC, 'ClusterRole'), reader.list(RBAC, 'ClusterRoleBinding')] : []),
  ]);
  return { namespace, roles, roleBindings, clusterRoles, clusterRoleBindings };
}

function grantCommand({ namespace, name }: ServiceAccountRef): Command {
  const whom = `system:serviceaccount:${namespace}:${name}`;
  const roles = tool('permissions', 'backup', '-n', namespace, '-o', 'yaml', '--for', whom);
  return pipe(roles, kubectl('apply', '-f', '-'));
}
