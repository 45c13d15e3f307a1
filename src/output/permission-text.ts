import {
  type Permission,
  type PermissionRule,
  permissionText,
} from '../model/permissions/command-permissions.ts';
import type { Style } from './io.ts';
import { printableLine } from './printable.ts';

/** What a permission is for, and whether a command does without. */
interface Reason {
  why: string;
  optional?: boolean;
}

/**
 * Rules for a person, a block each: what may be done to which resources, and below it why. Those of one namespace stand together, and
 * what is done for one reason to resources of several API groups is one block.
 */
export function permissionBlocks(rules: readonly PermissionRule[], style: Style): string {
  const places = Map.groupBy(rules, ({ namespace }) => namespace);
  const parts = [...places].map(([namespace, ofPlace]) => {
    const title = namespace === undefined ? 'CLUSTER-WIDE' : `IN NAMESPACE ${printableLine(namespace)}`;
    const reasons = Map.groupBy(ofPlace, ({ why, verbs, optional }) =>
      JSON.stringify([why, verbs, optional]),
    );
    return `${style.bold(title)}\n${[...reasons.values()].map((group) => block(group, style)).join('')}`;
  });
  return parts.join('\n');
}

/** Permissions that one lacks, a block each. */
export function missingBlocks(missing: readonly (Permission & Reason)[], style: Style): string {
  return missing
    .map((permission) => {
      const paint = permission.optional === true ? style.yellow : style.red;
      return `${paint(permission.optional === true ? 'optional' : 'missing ')}  ${printableLine(permissionText(permission))}\n${whyLine(permission, style)}`;
    })
    .join('');
}

function block(rules: readonly PermissionRule[], style: Style): string {
  const [first] = rules;
  if (first === undefined) return '';
  const resources = rules.flatMap(resourcesOf).join(', ');
  return `  ${printableLine(`${first.verbs.join(', ')} ${resources}`)}\n${whyLine(first, style)}`;
}

/** "deployments.apps", "namespaces/kube-system". */
function resourcesOf({ apiGroups, resources, resourceNames }: PermissionRule): string[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => {
      const [plural = '', subresource] = resource.split('/');
      const kind = group === '' ? plural : `${plural}.${group}`;
      const whole = subresource === undefined ? kind : `${kind}/${subresource}`;
      return resourceNames === undefined ? [whole] : resourceNames.map((name) => `${whole}/${name}`);
    }),
  );
}

function whyLine({ why, optional }: Reason, style: Style): string {
  return `${style.dim(`      ${optional === true ? '(optional) ' : ''}${printableLine(why)}`)}\n`;
}
