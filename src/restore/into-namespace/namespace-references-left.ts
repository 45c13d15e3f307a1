import type { RestoreSource } from '../../backup/source.ts';
import {
  type NamespaceReference,
  namespaceReferencesInObject,
  namespaceReferencesInValue,
  type ReferenceLocation,
} from '../../model/forms/namespace-references.ts';
import { type HelmRevision, hooksOf, manifestOf } from '../../model/helm/helm-release.ts';
import { arrayAt, isObject, type Json, type JsonObject, stringAt, valueAt } from '../../model/json/json.ts';
import { parseYamlStream } from '../../model/json/yaml.ts';
import { displayName, refOf } from '../../model/kubernetes/object.ts';
import { unfoldList } from '../../model/release/release-objects.ts';

/** Where a backup that was rewritten for another namespace still names the old one, `namespace`. */
export function namespaceReferencesOf(
  { document, objects, history }: RestoreSource,
  namespace: string,
): NamespaceReference[] {
  const { name, labels, annotations } = document.namespace;
  const made: JsonObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { labels, annotations } };
  return [
    ...namespaceReferencesInObject(made, namespace).map((location) => ({
      what: `namespace/${name}`,
      ...location,
    })),
    ...objects.flatMap(({ ref, raw }) =>
      namespaceReferencesInObject(raw, namespace).map((location) => ({
        what: displayName(ref),
        ...location,
      })),
    ),
    ...referencesInHistory(history, namespace),
  ];
}

/** What several revisions say alike is told once, with their numbers. */
function referencesInHistory(history: HelmRevision[], namespace: string): NamespaceReference[] {
  const found = history.flatMap((revision) =>
    referencesInRevision(revision, namespace).map(({ where }) => ({ where, number: revision.revision })),
  );
  return [...Map.groupBy(found, ({ where }) => where)].map(([where, all]) => {
    const numbers = [...new Set(all.map(({ number }) => number))];
    return { what: `Helm ${numbers.length === 1 ? 'revision' : 'revisions'} ${numbers.join(', ')}`, where };
  });
}

function referencesInRevision(revision: HelmRevision, namespace: string): ReferenceLocation[] {
  const { document } = revision;
  const inField = (path: string, ...steps: string[]): ReferenceLocation[] =>
    namespaceReferencesInValue(valueAt(document, ...steps) ?? null, namespace, path);
  return [
    ...inField('values', 'config'),
    ...inField('notes', 'info', 'notes'),
    ...inField('description', 'info', 'description'),
    ...inField("the chart's metadata", 'chart', 'metadata'),
    ...inField("the chart's values", 'chart', 'values'),
    ...[...arrayAt(document, 'chart', 'templates'), ...arrayAt(document, 'chart', 'files')].flatMap((file) =>
      referencesInFile(file, namespace),
    ),
    ...referencesInManifest(manifestOf(revision), 'manifest', namespace),
    ...hooksOf(revision).flatMap(({ name, manifest }) =>
      referencesInManifest(manifest, `hook ${name}`, namespace),
    ),
  ];
}

function referencesInFile(file: Json, namespace: string): ReferenceLocation[] {
  const text = Buffer.from(stringAt(file, 'data') ?? '', 'base64').toString('utf8');
  return namespaceReferencesInValue(text, namespace, `the chart's ${stringAt(file, 'name') ?? 'file'}`);
}

/** Comments in a manifest do nothing, so that only what it says counts. */
function referencesInManifest(text: string, where: string, namespace: string): ReferenceLocation[] {
  return parseYamlStream(text)
    .flatMap((value) => (isObject(value) ? unfoldList(value) : []))
    .flatMap((object) =>
      namespaceReferencesInObject(object, namespace).map((location) => ({
        where: `${where}, ${displayName(refOf(object))} ${location.where}`,
      })),
    );
}
