import { contentChangedAt } from '../../model/changed-at.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayAt, stringAt } from '../../model/json.ts';
import { displayName, type KubeObject, refOf } from '../../model/object.ts';
import { referencesOf } from '../../model/references.ts';
import { finding } from '../catalogue.ts';
import { kubectl } from '../flag-command.ts';
import { restartRepair } from '../restart-repair.ts';
import type { RolloutSubject } from './subject.ts';

/**
 * ConfigMaps and Secrets that were written after a pod which reads them was started. A mounted file follows its
 * ConfigMap by itself, but memcached, and the script that starts it, read their files once, at the start
 * (-Y: on SIGHUP too); env is never renewed.
 */
export function judgeReadAtStart(
  { workload, ref, pods, uptimes, release }: RolloutSubject,
  find: (kind: string, name: string) => KubeObject | undefined,
): Finding[] {
  const readers = Map.groupBy(
    pods.flatMap(({ pod }) => readBy(pod).map((each) => ({ ...each, pod }))),
    ({ kind, name }) => `${kind} ${name}`,
  );
  return [...readers.values()].flatMap((reads) => {
    const { kind, name } = reads[0]!;
    const object = find(kind, name);
    const changed = object === undefined ? undefined : contentChangedAt(object);
    if (object === undefined || changed === undefined) return [];
    const stale = reads.filter(({ pod }) => (startOf(pod) ?? changed) < changed);
    if (stale.length === 0) return [];
    return [
      finding('MB550', {
        object: refOf(object),
        release,
        summary: `${displayName(ref)} has not read it since it was changed`,
        evidence: [
          { text: `${displayName(refOf(object))} was written`, at: changed },
          ...stale.map(({ pod, by }) => {
            const uptime = uptimes.get(refOf(pod).name);
            const said = uptime === undefined ? '' : `; memcached has been running for ${uptime} s`;
            return {
              text: `${displayName(refOf(pod))}, which reads it by ${by}, was started${said}`,
              at: startOf(pod)!,
            };
          }),
        ],
        fix: [`${kubectl(workload)} rollout restart ${displayName(ref)}`],
        ...restartRepair(
          workload,
          stale.map(({ pod }) => pod),
        ),
        about: [ref, ...stale.map(({ pod }) => refOf(pod))],
      }),
    ];
  });
}

/** What a pod takes env from or mounts; not what the cluster itself mounts into it. */
function readBy(pod: KubeObject): { kind: string; name: string; by: string }[] {
  const found = referencesOf({ ...pod, spec: { template: pod } })
    .filter(({ ref, by }) => (ref.kind === 'ConfigMap' || ref.kind === 'Secret') && by !== 'imagePullSecrets')
    .filter(({ ref }) => ref.name !== 'kube-root-ca.crt')
    .map(({ ref, by }) => ({ kind: ref.kind, name: ref.name, by }));
  return [...new Map(found.map((each) => [`${each.kind} ${each.name}`, each])).values()];
}

/** When the last of its containers was started: each start reads env and files anew. */
function startOf(pod: KubeObject): string | undefined {
  return arrayAt(pod, 'status', 'containerStatuses')
    .flatMap((status) => stringAt(status, 'state', 'running', 'startedAt') ?? [])
    .sort()
    .at(-1);
}
