import type { RestoreSource, SourceObject } from '../backup/source.ts';
import { selectorKeys } from '../model/drill/harmless-annotations.ts';
import { DRILL_LABEL, harmless } from '../model/drill/harmless-object.ts';
import type { JsonObject } from '../model/json/json.ts';
import { displayName, type KubeObject, labelsOf, type ObjectRef } from '../model/kubernetes/object.ts';
import type { DrillChange } from '../model/records/drill-report.ts';
import { intoNamespace } from '../restore/into-namespace/into-namespace.ts';

/** A backup as a drill restores it. */
export interface DrillSource {
  source: RestoreSource;
  /** What is made in another way than the backup has it, or not at all. */
  changed: DrillChange[];
  /** What is not made, in the namespace of the drill: the server can be asked whether it would take it. */
  left: SourceObject[];
}

/**
 * The backup for the namespace `to`, in which nothing reaches the original or beyond that namespace. Everything bears the drill's id.
 * Pure. @throws ToolError where a manifest of Helm's can't be rewritten.
 */
export function harmlessSource(
  saved: RestoreSource,
  to: string,
  { id, replicasOf }: { id: string; replicasOf(ref: ObjectRef): number | undefined },
): DrillSource {
  const selectors = new Set(saved.objects.flatMap(({ raw }) => selectorKeys(raw)));
  const changed: DrillChange[] = [];
  const made: SourceObject[] = [];
  const left: SourceObject[] = [];
  for (const each of saved.objects) {
    const { ref, raw } = each;
    const replicas = replicasOf(ref);
    const tamed = harmless(raw, {
      id,
      namespace: saved.document.namespace.name,
      selectors,
      ...(replicas === undefined ? {} : { replicas }),
    });
    const what = displayName(ref);
    if ('left' in tamed) {
      left.push(each);
      changed.push({ what, change: tamed.left, left: true });
      continue;
    }
    made.push({ ...each, raw: tamed.object });
    changed.push(...[...new Set(tamed.changes)].map((change) => ({ what, change })));
  }
  const { document } = saved;
  const namespace = {
    ...document.namespace,
    labels: podSecurityOf(document.namespace.labels),
    annotations: {},
  };
  const history = saved.history.map((revision) => ({ ...revision, record: marked(revision.record, id) }));
  const source = { ...saved, document: { ...document, namespace }, history };
  return {
    source: intoNamespace({ ...source, objects: made }, to),
    changed,
    left: intoNamespace({ ...source, objects: left, history: [] }, to).objects,
  };
}

/** Of a namespace's labels, what decides which pods it takes (Kubernetes, "Pod Security Standards"). */
function podSecurityOf(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(([key]) => key.startsWith('pod-security.kubernetes.io/')),
  );
}

function marked(object: KubeObject, id: string): KubeObject {
  const metadata = object.metadata as JsonObject;
  return { ...object, metadata: { ...metadata, labels: { ...labelsOf(object), [DRILL_LABEL]: id } } };
}
