import { type JsonObject, numberAt, stringAt } from '../../../src/model/json/json.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
import type { Kubectl } from './kubectl.ts';

/**
 * Waits until the pods of a workload ("deployment/cart"), or of all of a kind ("deployments"), are those of its
 * template, and ready: what `kubectl rollout status` waits for.
 * @throws Error that says how far each came, after `timeoutMs`.
 */
export async function rolledOut(kubectl: Kubectl, what: string, timeoutMs = 60_000): Promise<void> {
  await kubectl.objects.until(
    what,
    (found) => {
      const unfinished = found.filter((workload) => !isRolledOut(workload));
      if (found.length > 0 && unfinished.length === 0) return;
      const states = unfinished.map((each) => `${nameOf(each)}: ${JSON.stringify(each.status)}`);
      throw new Error(`${what} is not rolled out: ${states.join('\n') || 'it is not there'}`);
    },
    { timeoutMs },
  );
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment, and its like. */
function isRolledOut(workload: JsonObject): boolean {
  const status = (field: string): number => numberAt(workload, 'status', field) ?? 0;
  if (status('observedGeneration') < (numberAt(workload, 'metadata', 'generation') ?? 0)) return false;
  const wanted = numberAt(workload, 'spec', 'replicas') ?? 1;
  switch (workload.kind) {
    case 'Deployment':
      return [status('replicas'), status('updatedReplicas'), status('availableReplicas')].every(
        (count) => count === wanted,
      );
    case 'StatefulSet': {
      const kept = numberAt(workload, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
      const updated = stringAt(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete' ? 0 : wanted - kept;
      return status('readyReplicas') === wanted && status('updatedReplicas') >= updated;
    }
    default: {
      const nodes = status('desiredNumberScheduled');
      return status('updatedNumberScheduled') === nodes && status('numberAvailable') === nodes;
    }
  }
}
