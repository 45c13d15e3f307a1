import type { JsonObject } from '../model/json.ts';
import type { RoleManifest } from '../model/rbac-manifests.ts';
import { toYaml } from '../model/yaml.ts';
import { printableLine } from './printable.ts';

/** Roles and bindings as a YAML stream for `kubectl apply -f -`; each rule is preceded by its reason. */
export function roleText(roles: RoleManifest[], bindings: JsonObject[]): string {
  const texts = roles.map(({ head, rules }) => {
    const blocks = rules.map(({ why, rule }) => `  # ${printableLine(why)}\n${indented(toYaml([rule]))}`);
    return `${toYaml(head)}rules:\n${blocks.join('')}`;
  });
  return [...texts, ...bindings.map(toYaml)].join('---\n');
}

function indented(yaml: string): string {
  return yaml.replaceAll(/^(?=.)/gm, '  ');
}
