import type { Finding } from '../../model/findings/finding.ts';
import { numberAt, objectAt, stringAt, valueAt } from '../../model/json/json.ts';
import { labelSelectorPicks } from '../../model/kubernetes/label-selector.ts';
import { type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import { isSeenByController } from '../../model/kubernetes/workload.ts';
import { finding } from '../catalogue.ts';
import { edit } from '../flag-command.ts';
import type { RolloutSubject } from './rollout-subject.ts';

/**
 * PodDisruptionBudgets that allow no eviction although every pod is well: nothing will make them allow one. A
 * rollout passes over them; a node drain, and a restart by eviction, wait for ever
 * (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/).
 */
export function judgeBudgets(
  { pods, ref, release }: RolloutSubject,
  budgets: readonly KubeObject[],
): Finding[] {
  return budgets
    .filter((budget) => {
      const selector = objectAt(budget, 'spec', 'selector');
      return selector !== undefined && pods.some(({ pod }) => labelSelectorPicks(selector, pod));
    })
    .filter((budget) => {
      const status = (field: string): number => numberAt(budget, 'status', field) ?? 0;
      const wanted = status('expectedPods');
      return (
        isSeenByController(budget) &&
        wanted > 0 &&
        status('disruptionsAllowed') === 0 &&
        status('currentHealthy') >= wanted
      );
    })
    .map((budget) =>
      finding('MB541', {
        object: refOf(budget),
        release,
        summary: 'it never allows a pod to be evicted: a drain, or a restart by eviction, waits for ever',
        evidence: [{ text: budgetText(budget) }],
        advice: [edit(budget)],
        about: [ref],
      }),
    );
}

function budgetText(budget: KubeObject): string {
  const field = valueAt(budget, 'spec', 'minAvailable') === undefined ? 'maxUnavailable' : 'minAvailable';
  const value = stringAt(budget, 'spec', field) ?? numberAt(budget, 'spec', field);
  return `${field} ${value}, ${numberAt(budget, 'status', 'currentHealthy')} of ${numberAt(budget, 'status', 'expectedPods')} pods healthy, disruptionsAllowed 0`;
}
