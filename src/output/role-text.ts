import type { JsonObject } from '../model/json/json.ts';
import { toYaml } from '../model/json/yaml.ts';
import { displayName, type ObjectRef, refOf } from '../model/kubernetes/object.ts';
import type { RoleManifest } from '../model/permissions/rbac-manifests.ts';
import { printableLine } from './printable.ts';

/** What is in the cluster under a name that is printed. */
export type AlreadyThere = 'new' | 'own' | 'foreign' | 'unknown';

const THERE: Record<AlreadyThere, string> = {
  new: 'new',
  own: 'replaces the one that was made of this command before',
  foreign: 'REPLACES ONE THAT IS NOT OF THIS TOOL',
  unknown: 'it could not be asked whether there is one',
};

export interface PrintedRoles {
  roles: RoleManifest[];
  bindings: JsonObject[];
  /** What there is of each already. */
  there: (ref: ObjectRef) => AlreadyThere;
}

/**
 * Roles and bindings as a YAML stream for `kubectl apply -f -`: first, as a comment, what applying it makes or
 * replaces; each rule is preceded by its reason.
 */
export function roleText({ roles, bindings, there }: PrintedRoles): string {
  const texts = roles.map(roleYaml);
  const lines = objectsIn({ roles, bindings }).map((ref) => {
    const inNamespace = ref.namespace === undefined ? '' : ` in namespace ${ref.namespace}`;
    return `#   ${printableLine(`${displayName(ref)}${inNamespace}: ${THERE[there(ref)]}`)}\n`;
  });
  return `# Applied, this makes:\n${lines.join('')}${[...texts, ...bindings.map(toYaml)].join('---\n')}`;
}

/** One of them as YAML, each rule preceded by its reason. */
export function roleYaml({ head, rules }: RoleManifest): string {
  const blocks = rules.map(({ why, rule }) => `  # ${printableLine(why)}\n${indented(toYaml([rule]))}`);
  return `${toYaml(head)}rules:\n${blocks.join('')}`;
}

/** Everything that would be applied. */
export function objectsIn({ roles, bindings }: Pick<PrintedRoles, 'roles' | 'bindings'>): ObjectRef[] {
  return [...roles.map(({ head }) => head), ...bindings].map(refOf);
}

function indented(yaml: string): string {
  return yaml.replaceAll(/^(?=.)/gm, '  ');
}
