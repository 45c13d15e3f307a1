import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { numberAt, stringAt } from '../../model/json/json.ts';
import { HELD_LABEL } from '../../model/kubernetes/held-rollout.ts';
import { displayName, labelsOf, nameOf, refOf } from '../../model/kubernetes/object.ts';
import { replicasOf } from '../../model/kubernetes/workload.ts';
import { finding } from '../catalogue.ts';
import { kubectlAt } from '../flag-command.ts';
import { restartRepair } from '../restart-repair.ts';
import type { RolloutSubject } from './rollout-subject.ts';
import { partsAt, sideBySideText } from './side-by-side.ts';
import { isPaused } from './stuck.ts';

const WITHOUT_PARTITION = JSON.stringify({ spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });

/** Workloads that were told not to bring a change of their template to their pods. */
export function judgePausedWorkloads(subject: RolloutSubject): Finding[] {
  const { workload, ref, pods, release } = subject;
  const old = pods.filter(({ current }) => !current).map(({ pod }) => pod);
  const about = pods.map(({ pod }) => refOf(pod));
  const stale: Evidence[] = [
    ...old.map((pod) => ({
      text: `${displayName(refOf(pod))} is of an older template`,
      at: stringAt(pod, 'metadata', 'creationTimestamp') ?? '',
    })),
    ...subject.rows
      .filter((row) => partsAt(row) === 'template')
      .map((row) => ({ text: sideBySideText(row) })),
  ];
  const common = { object: ref, release, about };
  const by = labelsOf(workload)[HELD_LABEL];
  if (by !== undefined && (isPaused(workload) || old.length > 0)) {
    return [
      finding(workload.kind === 'Deployment' ? 'MB543' : 'MB542', {
        ...common,
        summary: `a paced restore holds it: ${old.length} of its pods keep an older template until it is their turn`,
        evidence: [
          {
            text: `label ${HELD_LABEL}=${by}: where that restore does not go on, the same one takes it up, and undo takes it back`,
          },
          ...stale,
        ],
      }),
    ];
  }
  if (isPaused(workload)) {
    return [
      finding('MB543', {
        ...common,
        summary: 'it is paused: changes of its template don’t reach its pods',
        evidence: [{ text: 'spec.paused: true' }, ...stale],
        advice: [kubectlAt(workload, 'rollout', 'resume', displayName(ref))],
      }),
    ];
  }
  if (replicasOf(workload) === 0 && workload.kind !== 'DaemonSet') {
    return [
      finding('MB545', {
        ...common,
        summary: 'it has no pods: its replicas are 0',
        evidence: [{ text: 'spec.replicas: 0' }],
      }),
    ];
  }
  if (old.length === 0) return [];
  if (stringAt(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return [
      finding('MB542', {
        ...common,
        summary: `${old.length} of its pods keep an older template until somebody deletes them`,
        evidence: [{ text: 'spec.updateStrategy.type: OnDelete' }, ...stale],
        advice: old.map((pod) => kubectlAt(workload, 'delete', 'pod', nameOf(pod))),
        ...restartRepair(workload, old),
      }),
    ];
  }
  const partition = numberAt(workload, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  if (partition > 0) {
    return [
      finding('MB544', {
        ...common,
        summary: `${old.length} of its pods keep an older template: a partition holds them back`,
        evidence: [{ text: `spec.updateStrategy.rollingUpdate.partition: ${partition}` }, ...stale],
        advice: [kubectlAt(workload, 'patch', displayName(ref), '--type=merge', '-p', WITHOUT_PARTITION)],
      }),
    ];
  }
  return [];
}
