import type { Finding } from '../../model/findings/finding.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import { referencesOf } from '../../model/kubernetes/references.ts';
import type { ClassifiedObject } from '../../model/release/release-objects.ts';
import { finding } from '../catalogue.ts';

/**
 * ConfigMaps of the release that no pod mounts or takes env from: whoever edits one and restarts the pods
 * changes nothing and empties the cache.
 * @param others every workload, Job and pod of the namespace.
 */
export function judgeUnreadConfigMaps(
  classified: readonly ClassifiedObject[],
  others: readonly KubeObject[],
  release: { namespace: string; name: string },
): Finding[] {
  const read = new Set(
    others.flatMap((object) =>
      referencesOf(object.kind === 'Pod' ? { ...object, spec: { template: object } } : object)
        .filter(({ ref }) => ref.kind === 'ConfigMap')
        .map(({ ref }) => ref.name),
    ),
  );
  return classified
    .filter(({ ref, role, from }) => ref.kind === 'ConfigMap' && role === 'owned' && from !== 'hook')
    .filter(({ ref }) => !read.has(ref.name))
    .map(({ ref }) =>
      finding('MB551', {
        object: ref,
        release,
        summary: 'nobody reads it: what memcached runs with is in the workload’s arguments and env',
        evidence: [{ text: 'no pod and no workload of the namespace mounts it or takes env from it' }],
      }),
    );
}
