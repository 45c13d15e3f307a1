import { kubectl } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { readSoundSource } from '../backup/read-sound-source.ts';
import { secretsOfSource } from '../backup/release-secrets.ts';
import type { RestoreSource } from '../backup/source.ts';
import { ToolError } from '../errors/tool-error.ts';
import { builtInType } from '../kube/resource-types.ts';
import { DRILL_KINDS } from '../model/drill/harmless-object.ts';
import { assertNamespaceName } from '../model/kubernetes/namespace-name.ts';
import {
  NO_BACKUP,
  type PermissionCommand,
  type PermissionRule,
  type PermissionScope,
  rulesFor,
} from '../model/permissions/command-permissions.ts';
import { roleName } from '../model/permissions/rbac-manifests.ts';
import { intoNamespace } from '../restore/into-namespace/into-namespace.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import { locateBackup } from '../store/find/locate-backup.ts';
import { awayRulesOfDrills, grantsOfDrills } from './drill-run-rules.ts';
import { grantRules } from './grant-permissions.ts';
import { backupKinds, doctorKinds, releaseKinds } from './permission-scope.ts';
import { awayRules, grantsOfSchedule } from './run-rules.ts';
import { storeRules } from './store-rules.ts';

/** What the permissions are to be for. */
export interface PermissionTarget {
  /** RELEASE[@ID] or a path: the kinds it holds are added. `restore` and `rollback` always have one. */
  backup?: string;
  /** -n */
  namespace?: string;
  /** --into: the namespace that `restore` restores into, or in which drills are held. */
  into?: string;
  /** -A: for the commands that look at every namespace. */
  allNamespaces: boolean;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

/** They look into no store, though the namespace's schedule names one. */
const WITHOUT_STORE: readonly PermissionCommand[] = [
  'schedule run',
  'schedule logs',
  'schedule suspend',
  'schedule resume',
];

/**
 * What a command needs in the cluster. Writes nothing; says which kinds and which namespace are not there.
 * @returns the rules, none for a command that reads the store alone, and the name of the role that holds them.
 * @throws as locateBackup does; DamagedBackup; UsageError for `into` that can't be a namespace.
 */
export async function neededRules(
  command: PermissionCommand,
  options: PermissionTarget,
  context: CommandContext,
): Promise<{ rules: PermissionRule[]; name: string }> {
  // Alerts are the only ones that no store is asked for.
  const ofStore = command === 'alerts' ? [] : await storeRules(context);
  if (command === 'drill') return drillRules(options, ofStore, context);
  const source = await sourceOf(command, options, context);
  if (source === undefined) {
    const namespace = options.allNamespaces
      ? undefined
      : (options.namespace ?? (await context.kube()).namespace);
    const scope = {
      namespace,
      releaseKinds: releaseKinds(),
      doctorKinds: doctorKinds(),
      backupKinds: NO_BACKUP,
      namespaceMissing: false,
    };
    if (command === 'schedule install') return installRules(options, scope, ofStore, context);
    if (command === 'schedule uninstall') return uninstallRules(options, scope, context);
    const rules = [...rulesFor(command, scope), ...(WITHOUT_STORE.includes(command) ? [] : ofStore)];
    return { rules, name: roleName({ command, namespace }) };
  }
  const namespace = source.document.namespace.name;
  const { kinds, unserved } = await backupKinds(source, context.kube);
  for (const kind of unserved) context.io.warn(`this cluster does not serve ${kind}: it is left out`);
  const namespaceMissing = putsBack(command) && (await isMissing(namespace, context));
  if (namespaceMissing) {
    context.io.warn(
      `namespace ${namespace} does not exist: a Role can be applied there only once it does (${spellCommand(kubectl('create', 'namespace', namespace), context.spelling)})`,
    );
  }
  const scope = {
    namespace: options.allNamespaces ? undefined : namespace,
    releaseKinds: releaseKinds(),
    doctorKinds: doctorKinds(),
    backupKinds: kinds,
    namespaceMissing,
  };
  const grants = putsBack(command)
    ? grantRules(
        source.objects.map(({ raw }) => raw),
        namespace,
      )
    : [];
  return {
    rules: [...rulesFor(command, scope), ...grants, ...ofStore],
    name: roleName({
      command,
      namespace: scope.namespace,
      release: { namespace, name: source.document.release },
    }),
  };
}

/**
 * A drill makes the same kinds whatever the backup holds, in the namespace of --into, or in one that it makes, whose name nobody knows
 * beforehand. A backup that is named adds what its Roles grant.
 */
async function drillRules(
  options: PermissionTarget,
  ofStore: PermissionRule[],
  context: CommandContext,
): Promise<{ rules: PermissionRule[]; name: string }> {
  const command = 'drill';
  const namespace = options.into;
  if (namespace !== undefined) assertNamespaceName(namespace);
  const made = DRILL_KINDS.flatMap(([apiVersion, kind]) => builtInType(apiVersion, kind) ?? []);
  const rules = rulesFor(command, {
    namespace,
    releaseKinds: releaseKinds(),
    doctorKinds: [],
    backupKinds: { ...NO_BACKUP, created: made, deleted: made },
    namespaceMissing: false,
  });
  const { backup: name, namespace: own, clusterName } = options;
  const source =
    name === undefined ? undefined : await savedSource({ name, namespace: own, clusterName }, context);
  const grants = grantRules(source?.objects.map(({ raw }) => raw) ?? [], namespace);
  return { rules: [...rules, ...grants, ...ofStore], name: roleName({ command, namespace }) };
}

/** The schedule lies in one namespace, also where its runs back up all. */
async function installRules(
  { allNamespaces, namespace: named, into }: PermissionTarget,
  scope: PermissionScope,
  ofStore: PermissionRule[],
  context: CommandContext,
): Promise<{ rules: PermissionRule[]; name: string }> {
  const command = 'schedule install';
  const namespace = named ?? (await context.kube()).namespace;
  if (into !== undefined) assertNamespaceName(into);
  const isOnClaim = ofStore.length > 0;
  const rules = [
    ...rulesFor(command, { ...scope, namespace }),
    ...grantsOfSchedule({ namespace, allNamespaces, isOnClaim }),
    ...(into === undefined ? [] : grantsOfDrills({ namespace, into, isOnClaim })),
    ...ofStore,
  ];
  return { rules, name: roleName({ command, namespace }) };
}

/** The schedule lies in one namespace, and has a role in kube-system; where its runs back up all, one in every namespace. */
async function uninstallRules(
  { allNamespaces, namespace: named, into }: PermissionTarget,
  scope: PermissionScope,
  context: CommandContext,
): Promise<{ rules: PermissionRule[]; name: string }> {
  const command = 'schedule uninstall';
  if (into !== undefined) assertNamespaceName(into);
  const namespace = named ?? (await context.kube()).namespace;
  const rules = [
    ...rulesFor(command, { ...scope, namespace }),
    ...awayRules({ allNamespaces }),
    ...(into === undefined ? [] : awayRulesOfDrills(into)),
  ];
  return { rules, name: roleName({ command, namespace }) };
}

/** Only a restore depends on the backup; for the others it adds the kinds that it holds. */
async function sourceOf(
  command: PermissionCommand,
  { backup: name, namespace, clusterName, into }: PermissionTarget,
  context: CommandContext,
): Promise<RestoreSource | undefined> {
  if (command === 'list' || command === 'show') return undefined;
  if (!putsBack(command) && name === undefined) return undefined;
  if (into !== undefined) assertNamespaceName(into);
  const saved = await savedSource({ name, namespace, clusterName }, context);
  return into === undefined ? saved : intoNamespace(saved, into);
}

async function savedSource(
  {
    name,
    namespace,
    clusterName,
  }: { name: string | undefined; namespace: string | undefined; clusterName: string | undefined },
  context: CommandContext,
): Promise<RestoreSource> {
  const wanted = { name, namespace, clusterName, here: currentScope(context) };
  const saved = await readSoundSource(await (await locateBackup(context.store, wanted)).open(), context);
  context.io.mask(secretsOfSource(saved));
  return saved;
}

/** What such a command needs depends on the backup. */
function putsBack(command: PermissionCommand): boolean {
  return command === 'restore' || command === 'rollback';
}

/** False also where nobody can tell. */
async function isMissing(namespace: string, context: CommandContext): Promise<boolean> {
  try {
    const kube = await context.kube();
    return (await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace })) === undefined;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return false;
  }
}
