import { type Command, kubectl } from '../../advice/command.ts';
import type { Repair, RepairStep } from '../../model/findings/finding.ts';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../model/json/json.ts';
import { foreignManager } from '../../model/kubernetes/foreign-manager.ts';
import { type KubeObject, nameOf, refOf } from '../../model/kubernetes/object.ts';
import type { Permission } from '../../model/permissions/command-permissions.ts';
import { isAccount, type ServiceAccountRef } from '../../model/permissions/rbac-rules.ts';
import { isScheduleOfTool } from '../../model/schedule/backup-cronjob.ts';

/**
 * Adds what is missing to a Role that the account has already, where it all lies in that Role's namespace. Only
 * to a Role that nobody else has, by a group or beside it: what is added, all that are bound to it get. Not
 * where something would put the Role back.
 */
export function addRules(
  account: ServiceAccountRef,
  missing: readonly Permission[],
  roles: readonly KubeObject[],
  roleBindings: readonly KubeObject[],
): Repair | undefined {
  const namespace = missing[0]?.namespace;
  if (namespace === undefined || missing.some((each) => each.namespace !== namespace)) return undefined;
  const bindings = roleBindings.filter(
    (binding) => refOf(binding).namespace === namespace && stringAt(binding, 'roleRef', 'kind') === 'Role',
  );
  const role = roles.find((each) => {
    const own = bindings.filter((binding) => stringAt(binding, 'roleRef', 'name') === nameOf(each));
    return (
      refOf(each).namespace === namespace &&
      own.length > 0 &&
      own.every((binding) => isFor(binding, account)) &&
      foreignManager(each) === undefined
    );
  });
  if (role === undefined) return undefined;
  return {
    what: `add what is missing to role.rbac.authorization.k8s.io/${nameOf(role)}`,
    steps: [addition(role, missing)],
  };
}

function addition(role: KubeObject, missing: readonly Permission[]): RepairStep {
  const rules = [...Map.groupBy(missing, ({ group, verb }) => `${group} ${verb}`).values()].map(ruleOf);
  const exists = objectAt(role)?.rules !== undefined && objectAt(role)?.rules !== null;
  return {
    action: 'patch',
    ref: refOf(role),
    operations: exists
      ? rules.map((value) => ({ op: 'add', path: '/rules/-', value }))
      : [{ op: 'add', path: '/rules', value: rules }],
  };
}

/**
 * Adds what is missing in every namespace to the ClusterRole that this tool made for one schedule alone.
 * @param clusterRole of the schedule's own name; undefined where there is none, or nobody knows.
 */
export function addClusterRules(
  missing: readonly Permission[],
  clusterRole: KubeObject | undefined,
): Repair | undefined {
  if (clusterRole === undefined || missing.some(({ namespace }) => namespace !== undefined)) return undefined;
  if (!isScheduleOfTool(clusterRole) || foreignManager(clusterRole) !== undefined) return undefined;
  return {
    what: `add what is missing to clusterrole.rbac.authorization.k8s.io/${nameOf(clusterRole)}`,
    steps: [addition(clusterRole, missing)],
  };
}

/** The command that does the same. */
export function patchCommand({ steps: [step] }: Repair): Command {
  if (step?.action !== 'patch') throw new TypeError('a rule is added by a patch');
  const { kind, name, namespace } = step.ref;
  const where = namespace === undefined ? [] : ['-n', namespace];
  const patch = ['--type=json', '-p', JSON.stringify(step.operations)];
  return kubectl('patch', kind.toLowerCase(), name, ...where, ...patch);
}

function isFor(binding: KubeObject, account: ServiceAccountRef): boolean {
  const [subject, ...others] = arrayAt(binding, 'subjects');
  return subject !== undefined && others.length === 0 && isAccount(subject, binding, account);
}

function ruleOf(permissions: readonly Permission[]): JsonObject {
  return {
    apiGroups: [permissions[0]?.group ?? ''],
    resources: [...new Set(permissions.map(({ resource }) => resource))],
    verbs: [permissions[0]?.verb ?? ''],
  };
}
