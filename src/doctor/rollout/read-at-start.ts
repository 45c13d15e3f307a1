import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, type Json, stringAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, nameOf, refOf } from '../../model/kubernetes/object.ts';
import { referencesOf } from '../../model/kubernetes/references.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import { finding } from '../catalogue.ts';
import { contentChangedAt } from '../changed-at.ts';
import { kubectlAt } from '../flag-command.ts';
import { restartRepair } from '../restart-repair.ts';
import type { RolloutSubject } from './rollout-subject.ts';

/**
 * ConfigMaps and Secrets that were written after a pod which reads them was started. A mounted file follows its
 * ConfigMap by itself, but memcached, and the script that starts it, read their files once, at the start
 * (-Y: on SIGHUP too); env is never renewed.
 */
export function judgeReadAtStart(
  { workload, ref, pods, uptimes, release, settings }: RolloutSubject,
  find: (kind: string, name: string) => KubeObject | undefined,
): Finding[] {
  const readers = Map.groupBy(
    pods.flatMap(({ pod }) => {
      const memcached = memcachedIn(pod, settings);
      const start = startOf(pod, memcached);
      return readBy(pod, memcached).map((each) => ({ ...each, pod, start }));
    }),
    ({ kind, name }) => `${kind} ${name}`,
  );
  return [...readers.values()].flatMap((reads) => {
    const { kind, name } = reads[0]!;
    const object = find(kind, name);
    const changed = object === undefined ? undefined : contentChangedAt(object);
    if (object === undefined || changed === undefined) return [];
    const stale = reads.filter(({ start }) => (start ?? changed) < changed);
    if (stale.length === 0) return [];
    return [
      finding('MB550', {
        object: refOf(object),
        release,
        summary: `${displayName(ref)} has not read it since it was changed`,
        evidence: [
          { text: `${displayName(refOf(object))} was written`, at: changed },
          ...stale.map(({ pod, by, start }) => {
            const uptime = uptimes.get(refOf(pod).name);
            const said = uptime === undefined ? '' : `; memcached has been running for ${uptime} s`;
            return {
              text: `${displayName(refOf(pod))}, which reads it by ${by}, was started${said}`,
              at: start!,
            };
          }),
        ],
        advice: [kubectlAt(workload, 'rollout', 'restart', displayName(ref))],
        ...restartRepair(
          workload,
          stale.map(({ pod }) => pod),
        ),
        about: [ref, ...stale.map(({ pod }) => refOf(pod))],
      }),
    ];
  });
}

/** The container that runs memcached; undefined where none of the pod does. */
function memcachedIn(pod: KubeObject, settings: readonly PodSettings[]): string | undefined {
  return settings.find(({ name }) => name === nameOf(pod))?.container;
}

/**
 * What a pod's memcached, and the containers that prepare its start, take env from or mount; not what the cluster
 * itself mounts into it, nor what is there for an exporter or a mesh: they read it anew, or are no reason to empty
 * the cache. Of a pod without memcached all that its containers read.
 */
function readBy(
  pod: KubeObject,
  memcached: string | undefined,
): { kind: string; name: string; by: string }[] {
  const concerns = (container: Json): boolean =>
    memcached === undefined || stringAt(container, 'name') === memcached;
  const containers = arrayAt(pod, 'spec', 'containers').filter(concerns);
  const initContainers = arrayAt(pod, 'spec', 'initContainers').filter(
    (container) => stringAt(container, 'restartPolicy') !== 'Always' || concerns(container),
  );
  const mounted = new Set(
    [...containers, ...initContainers].flatMap((container) =>
      arrayAt(container, 'volumeMounts').map((mount) => stringAt(mount, 'name')),
    ),
  );
  const volumes = arrayAt(pod, 'spec', 'volumes').filter((volume) => mounted.has(stringAt(volume, 'name')));
  const template = { spec: { containers, initContainers, volumes } };
  const found = referencesOf({ ...pod, spec: { template } })
    .filter(
      ({ ref }) => (ref.kind === 'ConfigMap' || ref.kind === 'Secret') && ref.name !== 'kube-root-ca.crt',
    )
    .map(({ ref, by }) => ({ kind: ref.kind, name: ref.name, by }));
  return [...new Map(found.map((each) => [`${each.kind} ${each.name}`, each])).values()];
}

/** When memcached was started, or the last of the pod's containers: each start reads env and files anew. */
function startOf(pod: KubeObject, memcached: string | undefined): string | undefined {
  return arrayAt(pod, 'status', 'containerStatuses')
    .filter((status) => memcached === undefined || stringAt(status, 'name') === memcached)
    .flatMap((status) => stringAt(status, 'state', 'running', 'startedAt') ?? [])
    .sort()
    .at(-1);
}
