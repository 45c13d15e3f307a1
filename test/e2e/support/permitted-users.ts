import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../../src/model/json.ts';
import {
  type Permission,
  type PermissionRule,
  permissionsOf,
  permissionText,
} from '../../../src/model/permissions.ts';
import type { Kubectl } from './kubectl.ts';

const API = 'rbac.authorization.k8s.io';

/** One permission, and a user who has all of the others (impersonated: `--as`). */
export interface WithoutOne {
  permission: Permission;
  text: string;
  user: string;
}

/**
 * For every permission of the rules that lie in the namespace a user who lacks just this one, all made at once.
 * What several rules grant is one permission, taken away from all of them.
 */
export async function usersWithoutOne(kubectl: Kubectl, rules: PermissionRule[]): Promise<WithoutOne[]> {
  const inNamespace = rules.filter(({ namespace }) => namespace !== undefined);
  const permissions = new Map(
    inNamespace.flatMap(permissionsOf).map((permission) => [permissionText(permission), permission]),
  );
  const run = randomBytes(3).toString('hex');
  const users = [...permissions].map(([text, permission], index) => ({
    text,
    permission,
    user: `without-${run}-${index}`,
  }));
  await kubectl.apply(
    ...users.flatMap(({ user, text }) => roleAndBinding(user, [...permissions.values()], text)),
  );
  return users;
}

function roleAndBinding(name: string, permissions: Permission[], lacking: string): JsonObject[] {
  const rules = permissions
    .filter((permission) => permissionText(permission) !== lacking)
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
