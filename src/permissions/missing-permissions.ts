import { kubectl } from '../advice/command.ts';
import { ToolError } from '../errors/tool-error.ts';
import { missingPermissions } from '../kube/access-review.ts';
import type { KubeClient } from '../kube/client.ts';
import {
  type Permission,
  type PermissionRule,
  permissionsOf,
  permissionText,
} from '../model/permissions/command-permissions.ts';

/** A permission that is missing, and what it would be good for. */
export interface MissingPermission extends Permission {
  why: string;
  optional: boolean;
}

/**
 * Asks the cluster which permissions of the rules one lacks, each once, with what it would be good for.
 * @returns how many were asked about, too.
 * @throws ToolError where the API server does not say.
 */
export async function findMissing(
  kube: KubeClient,
  rules: readonly PermissionRule[],
): Promise<{ asked: number; missing: MissingPermission[] }> {
  const asked = rules.flatMap((rule) => permissionsOf(rule).map((permission) => ({ permission, rule })));
  const ask = async (permissions: Permission[]): Promise<Permission[]> => {
    const missing = await missingPermissions(kube, permissions);
    if (missing !== undefined) return missing;
    throw new ToolError('the API server does not say what you may do (SelfSubjectAccessReview)', {
      next: kubectl('auth', 'can-i', '--list'),
    });
  };
  const missing = new Set((await ask(asked.map(({ permission }) => permission))).map(permissionText));
  const lacking = asked.filter(({ permission }) => missing.has(permissionText(permission)));
  const others = lacking.flatMap(({ rule }) => rule.orElse ?? []);
  const stillMissing = new Set((await ask(others)).map(permissionText));
  const seen = new Set<string>();
  const found = lacking.flatMap(({ permission, rule }): MissingPermission[] => {
    const text = permissionText(permission);
    if (seen.has(text)) return [];
    if (rule.orElse !== undefined && !stillMissing.has(permissionText(rule.orElse))) return [];
    seen.add(text);
    return [{ ...permission, why: rule.why, optional: rule.optional === true }];
  });
  return { asked: asked.length, missing: found };
}
