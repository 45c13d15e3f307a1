import { kubectl, placeholder, tool, type Word } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { UsageError } from '../errors/tool-error.ts';
import { displayName, keyOf } from '../model/kubernetes/object.ts';
import {
  PERMISSION_COMMANDS,
  type PermissionCommand,
  type PermissionRule,
  permissionsOf,
  permissionText,
} from '../model/permissions/command-permissions.ts';
import { bindingsOf, parseSubject, rolesOf, type Subject } from '../model/permissions/rbac-manifests.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { missingBlocks, permissionBlocks } from '../output/permission-text.ts';
import { print, printData } from '../output/print.ts';
import { objectsIn, type PrintedRoles, roleText } from '../output/role-text.ts';
import { findMissing } from '../permissions/missing-permissions.ts';
import { neededRules, type PermissionTarget } from '../permissions/needed-rules.ts';
import { findPrintedRoles } from '../permissions/printed-roles.ts';
import type { CommandContext } from '../session/context.ts';

export interface PermissionsOptions extends PermissionTarget {
  /** Whose permissions. */
  command: string;
  /** Ask the cluster which of them one lacks. */
  check: boolean;
  /** --for: whom -o yaml binds the roles to. */
  subject?: string;
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
}

/** Those with -A of their own. */
const OF_ALL_NAMESPACES: readonly PermissionCommand[] = [
  'backup',
  'status',
  'runbook',
  'prune',
  'doctor',
  'alerts',
  'schedule install',
  'schedule status',
  'schedule uninstall',
];

/** Those that work in another namespace than the release's, too. */
const INTO_ANOTHER: readonly PermissionCommand[] = [
  'restore',
  'drill',
  'schedule install',
  'schedule uninstall',
];

/**
 * `permissions COMMAND [RELEASE@ID]`: what a command needs, in blocks, as a table (-o wide), as data, or as a Role to apply.
 * Writes nothing. @returns ok; with `check`, failed where a permission is missing that is not optional.
 */
export async function permissions(options: PermissionsOptions, context: CommandContext): Promise<ExitCode> {
  const command = PERMISSION_COMMANDS.find((name) => name === options.command);
  if (command === undefined) {
    if (options.command === 'undo') {
      throw new UsageError('undo has no permissions of its own: it takes what its restore takes', {
        next: tool(
          'permissions',
          'restore',
          ...(options.backup === undefined ? [placeholder('RELEASE')] : []),
          ...(await sameAbout(options, context)),
        ),
      });
    }
    throw new UsageError(`"${options.command}" is no command with permissions of its own`, {
      next: `name one of ${PERMISSION_COMMANDS.join(', ')}`,
    });
  }
  if (options.allNamespaces && !OF_ALL_NAMESPACES.includes(command)) {
    throw new UsageError(`-A is for ${OF_ALL_NAMESPACES.join(', ')}: ${command} has no -A`);
  }
  if (options.into !== undefined && !INTO_ANOTHER.includes(command)) {
    throw new UsageError(`--into is for ${INTO_ANOTHER.join(', ')}: ${command} works where the release is`);
  }
  const subject = options.subject === undefined ? undefined : parseSubject(options.subject);
  if (options.check && subject !== undefined) {
    throw new UsageError(
      '--for names whom -o yaml binds the roles to; --check asks for you, or as --as says',
      {
        next: tool(
          'permissions',
          command,
          ...(await sameAbout(options, context)),
          '--check',
          ...asSubject(subject),
        ),
      },
    );
  }
  const { rules, name } = await interruptible(
    neededRules(command, options, context),
    context.signal,
    'nothing was changed',
  );
  if (rules.length === 0) {
    context.io.say(`${command} needs no permission in the cluster: it reads the store alone.`);
    const kind = options.check ? 'MissingPermissionList' : 'PermissionList';
    const isStream = options.output === 'yaml' && !options.check;
    if (!isStream)
      await printData(context.io, options.output, { kind, data: { command, items: [] }, names: [] });
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
      `${displayName(ref)} exists and is not of this tool: applying this replaces what it grants (${spellCommand(kubectl('get', displayName(ref), ...(ref.namespace === undefined ? [] : ['-n', ref.namespace]), '-o', 'yaml'), context.spelling)})`,
    );
  }
  context.io.outText(roleText({ ...printed, there: (ref) => byKey.get(keyOf(ref)) ?? 'unknown' }));
}

/** What the command was about, for one that is advised: `cart -n shop --store DIR`. */
async function sameAbout(
  { backup, namespace, allNamespaces, into, clusterName }: PermissionsOptions,
  context: CommandContext,
): Promise<string[]> {
  const words = [
    ...(backup === undefined ? [] : [backup]),
    ...(allNamespaces ? ['-A'] : namespace === undefined ? [] : ['-n', namespace]),
    ...(into === undefined ? [] : ['--into', into]),
    ...(clusterName === undefined ? [] : ['--cluster-name', clusterName]),
  ];
  const flags = backup === undefined ? [] : (await context.store()).flags;
  return [...words, ...flags];
}

/** How a request is made as somebody else. */
function asSubject({ kind, name, namespace }: Subject): Word[] {
  if (kind === 'Group') return ['--as', placeholder('NAME'), '--as-group', name];
  return ['--as', kind === 'User' ? name : `system:serviceaccount:${namespace}:${name}`];
}

async function check(
  command: PermissionCommand,
  rules: PermissionRule[],
  { output, headers }: PermissionsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { io, signal } = context;
  const { asked, missing } = await interruptible(
    findMissing(await context.kube(), rules),
    signal,
    'nothing was changed',
  );
  const lacking = missing.filter(({ optional }) => !optional);
  if (output === 'table') io.outProse(missingBlocks(missing, io.outStyle));
  else
    await print(
      io,
      {
        kind: 'MissingPermissionList',
        data: { command, items: missing },
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
      ? `You may do all that ${command} needs (${asked - missing.length} permissions).`
      : `${command} needs ${lacking.length} permissions that you lack.`,
  );
  return lacking.length === 0 ? ExitCode.ok : ExitCode.failed;
}

async function printRules(
  command: PermissionCommand,
  rules: PermissionRule[],
  { output, headers }: PermissionsOptions,
  { io }: CommandContext,
): Promise<void> {
  const kind = 'PermissionList';
  const data = { command, items: rules };
  if (output === 'table') {
    io.outProse(permissionBlocks(rules, io.outStyle));
    return;
  }
  if (output === 'name') {
    const rows = [...new Set(rules.flatMap(permissionsOf).map(permissionText))];
    await print(io, { kind, data, rows, columns: [], name: (text) => text }, { output, headers });
    return;
  }
  await print(
    io,
    {
      kind,
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
