import type { Advice } from '../../advice/advice.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { displayName, keyOf, refOf } from '../../model/kubernetes/object.ts';
import { type Code, finding } from '../catalogue.ts';
import type { CachedPod } from './cached-pod.ts';

/** What a judge says of one pod. */
export interface Signal {
  code: Code;
  /** One clause about the pod: "evicts items that nobody has read". */
  says: string;
  evidence: Evidence[];
  advice: Advice[];
}

export type Judge = (pod: CachedPod, now: Date) => Signal[];

/** One finding a code and workload: fifty pods that suffer alike are one matter. */
export function gatherSignals(pods: readonly CachedPod[], judges: readonly Judge[], now: Date): Finding[] {
  const said = pods.flatMap((pod) =>
    judges.flatMap((judge) => judge(pod, now)).map((signal) => ({ pod, signal })),
  );
  const groups = Map.groupBy(said, ({ pod, signal }) => `${signal.code} ${keyOf(refOf(pod.workload))}`);
  return [...groups.values()].map((group) => {
    const { pod, signal } = group[0]!;
    const alone = group.length === 1;
    const siblings = pods.filter(({ workload }) => workload === pod.workload).length;
    return finding(signal.code, {
      object: alone ? pod.ref : refOf(pod.workload),
      release: pod.release,
      summary: alone ? signal.says : `${group.length} of ${siblings} pods: ${signal.says}`,
      evidence: group.flatMap((each) =>
        each.signal.evidence.map(({ text, ...when }) => ({
          text: alone ? text : `${displayName(each.pod.ref)}: ${text}`,
          ...when,
        })),
      ),
      advice: each(group.flatMap(({ signal: { advice } }) => advice)),
      about: [...group.map((each) => each.pod.ref), refOf(pod.workload)],
    });
  });
}

/** Advice that several pods have alike, once. */
function each(advice: readonly Advice[]): Advice[] {
  return [...new Map(advice.map((one) => [JSON.stringify(one), one])).values()];
}
