import type { EmptyingCost } from '../model/cache/emptying-cost.ts';
import type { Repair, RepairStep } from '../model/findings/finding.ts';
import type { Json } from '../model/json/json.ts';
import { toYaml } from '../model/json/yaml.ts';
import { displayName, refOf } from '../model/kubernetes/object.ts';
import { hideAllInData, hideAllSecrets } from '../model/secrets/hide-all-secrets.ts';
import { mask } from '../model/secrets/hide-secrets.ts';
import { emptyingCostLines } from './emptying-cost-text.ts';
import { printable, printableLine } from './printable.ts';

/**
 * A repair for a person: what is sent, step by step, before it is; what a CronJob has in plain text (env, a script) is masked.
 * @param emptying what its restarts cost, of so many caches.
 */
export function repairLines(
  { what, steps }: Repair,
  emptying?: { cost: EmptyingCost; caches: number },
): string[] {
  const costs = emptying === undefined ? [] : emptyingCostLines(emptying.cost, emptying);
  return [
    `${printableLine(what)}:`,
    ...[...steps.flatMap(stepLines), ...costs.map(printableLine)].map((line) => `  ${line}`),
  ];
}

function stepLines(step: RepairStep): string[] {
  switch (step.action) {
    case 'create':
      return [
        `create ${where(refOf(step.object))}`,
        ...printable(toYaml(hideAllSecrets(step.object, mask)))
          .trimEnd()
          .split('\n')
          .map((line) => `  ${line}`),
      ];
    case 'patch':
      return [
        `patch ${where(step.ref)}`,
        ...step.operations.map(
          ({ op, path, value }) =>
            `  ${op} ${printableLine(path)}${value === undefined ? '' : ` ${valueText(path, value)}`}`,
        ),
      ];
    case 'delete':
      return [`delete ${where(step.ref)}`];
    case 'restart':
      return [
        `evict pods of ${where(step.ref)} one by one: their caches are emptied`,
        ...step.pods.map(({ name }) => `  pod/${printableLine(name)}`),
      ];
  }
}

/** What lies in a Secret's data is a secret as a whole. */
function valueText(path: string, value: Json): string {
  if (/^\/(?:data|stringData|binaryData)(?:\/|$)/.test(path)) return mask('');
  return printable(JSON.stringify(hideAllInData(value, mask)));
}

function where(ref: ReturnType<typeof refOf>): string {
  const inNamespace = ref.namespace === undefined ? '' : ` in namespace ${ref.namespace}`;
  return printableLine(displayName(ref) + inNamespace);
}
