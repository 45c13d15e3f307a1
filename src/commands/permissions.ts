import { readSoundSource } from '../backup/read-sound-source.ts';
import { secretsOfSource } from '../backup/release-secrets.ts';
import type { RestoreSource } from '../backup/source.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import { missingPermissions } from '../kube/access-review.ts';
import type { KubeClient } from '../kube/client.ts';
import { assertNamespaceName } from '../model/kubernetes/namespace-name.ts';
import { displayName, keyOf } from '../model/kubernetes/object.ts';
import {
  NO_BACKUP,
  PERMISSION_COMMANDS,
  type Permission,
  type PermissionCommand,
  type PermissionRule,
  permissionsOf,
  permissionText,
  rulesFor,
} from '../model/permissions/permissions.ts';
import {
  bindingsOf,
  parseSubject,
  roleName,
  rolesOf,
  type Subject,
} from '../model/permissions/rbac-manifests.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print } from '../output/print.ts';
import { objectsIn, type PrintedRoles, roleText } from '../output/role-text.ts';
import { grantRules } from '../permissions/grant-permissions.ts';
import { backupKinds, doctorKinds, releaseKinds } from '../permissions/permission-scope.ts';
import { findPrintedRoles } from '../permissions/printed-roles.ts';
import { intoNamespace } from '../restore/into-namespace/into-namespace.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import { shellWord } from '../store/advice.ts';
import { locateBackup } from '../store/locate-backup.ts';

export interface PermissionsOptions {
  /** Whose permissions. */
  command: string;
  /** RELEASE[@ID] or a path: the kinds it holds are added. `restore` always has one. */
  backup?: string;
  /** -n */
  namespace?: string;
  /** --into: the namespace that `restore` restores into. */
  into?: string;
  /** -A: for the commands that look at every namespace. */
  allNamespaces: boolean;
  /** Ask the cluster which of them one lacks. */
  check: boolean;
  /** --for: whom -o yaml binds the roles to. */
  subject?: string;
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

/** A permission that is missing, and what it would be good for. */
interface Missing extends Permission {
  why: string;
  optional: boolean;
}

/** Those with -A of their own. */
const OF_ALL_NAMESPACES: readonly PermissionCommand[] = ['backup', 'status', 'doctor'];

/**
 * `permissions COMMAND [RELEASE@ID]`: what a command needs, as a table, as data, or as a Role to apply.
 * Writes nothing. @returns ok; with `check`, failed where a permission is missing that is not optional.
 */
export async function permissions(options: PermissionsOptions, context: CommandContext): Promise<ExitCode> {
  const command = PERMISSION_COMMANDS.find((name) => name === options.command);
  if (command === undefined) {
    if (options.command === 'undo') {
      throw new UsageError('undo has no permissions of its own: it takes what its restore takes', {
        next: `kubectl memcached-backup permissions restore${await sameAbout({ backup: 'RELEASE', ...options }, context)}`,
      });
    }
    throw new UsageError(`"${options.command}" is no command with permissions of its own`, {
      next: `name one of ${PERMISSION_COMMANDS.join(', ')}`,
    });
  }
  if (options.allNamespaces && !OF_ALL_NAMESPACES.includes(command)) {
    throw new UsageError(`-A is for ${OF_ALL_NAMESPACES.join(', ')}: ${command} has no -A`);
  }
  if (options.into !== undefined && command !== 'restore') {
    throw new UsageError(`--into is for restore: ${command} works where the release is`);
  }
  const subject = options.subject === undefined ? undefined : parseSubject(options.subject);
  if (options.check && subject !== undefined) {
    throw new UsageError(
      '--for names whom -o yaml binds the roles to; --check asks for you, or as --as says',
      {
        next: `kubectl memcached-backup permissions ${command}${await sameAbout(options, context)} --check ${asSubject(subject)}`,
      },
    );
  }
  const { rules, name } = await interruptible(
    rulesOf(command, options, context),
    context.signal,
    'nothing was changed',
  );
  if (rules.length === 0) {
    context.io.say(`${command} needs no permission in the cluster: it reads the store alone.`);
    return ExitCode.ok;
  }
  if (options.check) return check(command, rules, options, context);
  if (options.output === 'yaml') {
    const roles = rolesOf(rules, name);
    const bindings = subject === undefined ? [] : bindingsOf(roles, name, subject);
    await printRoles({ roles, bindings }, context);
  } else {
    await printRules(command, rules, options, context);
  }
  return ExitCode.ok;
}

/** Says also what applying them would replace: to somebody else's role that would do harm. */
async function printRoles(
  printed: Pick<PrintedRoles, 'roles' | 'bindings'>,
  context: CommandContext,
): Promise<void> {
  const looking = findPrintedRoles(objectsIn(printed), context.kube);
  const there = await interruptible(looking, context.signal, 'nothing was changed');
  const byKey = new Map(there.map(([ref, found]) => [keyOf(ref), found]));
  for (const [ref, found] of there) {
    if (found !== 'foreign') continue;
    context.io.warn(
      `${displayName(ref)} exists and is not of this tool: applying this replaces what it grants (kubectl get ${displayName(ref)} -o yaml)`,
    );
  }
  context.io.outText(roleText({ ...printed, there: (ref) => byKey.get(keyOf(ref)) ?? 'unknown' }));
}

/** What the command was about, for one that is advised: " cart -n shop --store DIR". */
async function sameAbout(
  { backup, namespace, allNamespaces, into, clusterName }: PermissionsOptions,
  context: CommandContext,
): Promise<string> {
  const words = [
    ...(backup === undefined ? [] : [shellWord(backup)]),
    ...(allNamespaces ? ['-A'] : namespace === undefined ? [] : ['-n', shellWord(namespace)]),
    ...(into === undefined ? [] : ['--into', shellWord(into)]),
    ...(clusterName === undefined ? [] : ['--cluster-name', shellWord(clusterName)]),
  ];
  const flag = backup === undefined ? '' : (await context.store()).flag;
  return `${words.map((word) => ` ${word}`).join('')}${flag}`;
}

/** How a request is made as somebody else. */
function asSubject({ kind, name, namespace }: Subject): string {
  if (kind === 'Group') return `--as NAME --as-group ${name}`;
  return `--as ${kind === 'User' ? name : `system:serviceaccount:${namespace}:${name}`}`;
}

async function rulesOf(
  command: PermissionCommand,
  options: PermissionsOptions,
  context: CommandContext,
): Promise<{ rules: PermissionRule[]; name: string }> {
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
    return { rules: rulesFor(command, scope), name: roleName({ command, namespace }) };
  }
  const namespace = source.document.namespace.name;
  const { kinds, unserved } = await backupKinds(source, context.kube);
  for (const kind of unserved) context.io.warn(`this cluster does not serve ${kind}: it is left out`);
  const namespaceMissing = command === 'restore' && (await isMissing(namespace, context));
  if (namespaceMissing) {
    context.io.warn(
      `namespace ${namespace} does not exist: a Role can be applied there only once it does (kubectl create namespace ${namespace})`,
    );
  }
  const scope = {
    namespace: options.allNamespaces ? undefined : namespace,
    releaseKinds: releaseKinds(),
    doctorKinds: doctorKinds(),
    backupKinds: kinds,
    namespaceMissing,
  };
  const grants =
    command === 'restore'
      ? grantRules(
          source.objects.map(({ raw }) => raw),
          namespace,
        )
      : [];
  return {
    rules: [...rulesFor(command, scope), ...grants],
    name: roleName({
      command,
      namespace: scope.namespace,
      release: { namespace, name: source.document.release },
    }),
  };
}

/** Only a restore depends on the backup; for the others it adds the kinds that it holds. */
async function sourceOf(
  command: PermissionCommand,
  { backup: name, namespace, clusterName, into }: PermissionsOptions,
  context: CommandContext,
): Promise<RestoreSource | undefined> {
  if (command === 'list' || command === 'show') return undefined;
  if (command !== 'restore' && name === undefined) return undefined;
  const wanted = { name, namespace, clusterName, here: currentScope(context) };
  if (into !== undefined) assertNamespaceName(into);
  const saved = await readSoundSource(await (await locateBackup(context.store, wanted)).open(), context);
  const source = into === undefined ? saved : intoNamespace(saved, into);
  context.io.mask(secretsOfSource(source));
  return source;
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

async function check(
  command: PermissionCommand,
  rules: PermissionRule[],
  { output, headers }: PermissionsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { io, signal } = context;
  const asked = rules.flatMap((rule) => permissionsOf(rule).map((permission) => ({ permission, rule })));
  const missing = await interruptible(
    findMissing(await context.kube(), asked),
    signal,
    'nothing was changed',
  );
  const lacking = missing.filter(({ optional }) => !optional);
  await print(
    io,
    {
      data: { command, missing },
      rows: missing,
      columns: [
        { header: 'MISSING', cell: (permission) => permissionText(permission) },
        { header: 'OPTIONAL', cell: ({ optional }) => (optional ? 'yes' : 'no') },
        { header: 'NEEDED FOR', cell: ({ why }) => why },
      ],
      name: permissionText,
    },
    { output, headers },
  );
  io.say(
    lacking.length === 0
      ? `You may do all that ${command} needs (${asked.length - missing.length} permissions).`
      : `${command} needs ${lacking.length} permissions that you lack.`,
  );
  return lacking.length === 0 ? ExitCode.ok : ExitCode.failed;
}

async function findMissing(
  kube: KubeClient,
  asked: { permission: Permission; rule: PermissionRule }[],
): Promise<Missing[]> {
  const ask = async (permissions: Permission[]): Promise<Permission[]> => {
    const missing = await missingPermissions(kube, permissions);
    if (missing !== undefined) return missing;
    throw new ToolError('the API server does not say what you may do (SelfSubjectAccessReview)', {
      next: 'kubectl auth can-i --list',
    });
  };
  const missing = new Set((await ask(asked.map(({ permission }) => permission))).map(permissionText));
  const lacking = asked.filter(({ permission }) => missing.has(permissionText(permission)));
  const others = lacking.flatMap(({ rule }) => rule.orElse ?? []);
  const stillMissing = new Set((await ask(others)).map(permissionText));
  const seen = new Set<string>();
  return lacking.flatMap(({ permission, rule }) => {
    const text = permissionText(permission);
    if (seen.has(text)) return [];
    if (rule.orElse !== undefined && !stillMissing.has(permissionText(rule.orElse))) return [];
    seen.add(text);
    return [{ ...permission, why: rule.why, optional: rule.optional === true }];
  });
}

async function printRules(
  command: PermissionCommand,
  rules: PermissionRule[],
  { output, headers }: PermissionsOptions,
  { io }: CommandContext,
): Promise<void> {
  const data = { command, rules };
  if (output === 'name') {
    const rows = [...new Set(rules.flatMap(permissionsOf).map(permissionText))];
    await print(io, { data, rows, columns: [], name: (text) => text }, { output, headers });
    return;
  }
  await print(
    io,
    {
      data,
      rows: rules,
      columns: [
        { header: 'NAMESPACE', cell: ({ namespace }) => namespace ?? '(cluster)' },
        {
          header: 'API GROUP',
          cell: ({ apiGroups }) => apiGroups.map((group) => group || '(core)').join(','),
        },
        {
          header: 'RESOURCES',
          cell: ({ resources, resourceNames }) =>
            resourceNames === undefined
              ? resources.join(',')
              : `${resources.join(',')} (${resourceNames.join(',')})`,
        },
        { header: 'VERBS', cell: ({ verbs }) => verbs.join(',') },
        { header: 'NEEDED FOR', cell: ({ why, optional }) => (optional ? `(optional) ${why}` : why) },
      ],
      name: ({ why }) => why,
    },
    { output, headers },
  );
}
