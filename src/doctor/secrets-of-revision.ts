import type { HelmRevision } from '../model/helm/helm-release.ts';
import { valueAt } from '../model/json/json.ts';
import { objectsOfRevision } from '../model/release/release-objects.ts';
import { secretAnnotationsOf, secretHelmValues, secretValuesOf } from '../model/secrets/secrecy.ts';

/**
 * The secret values of one revision of Helm's, however old: of what the user supplied, of the chart's own values, and of
 * the objects in its manifest and hooks. A manifest that is no YAML has none: nothing is made of it either.
 */
export function secretsOfRevision(revision: HelmRevision): string[] {
  const { document } = revision;
  return [
    ...secretHelmValues(document.config),
    ...secretHelmValues(valueAt(document, 'chart', 'values')),
    ...objectsIn(revision).flatMap((object) => [...secretValuesOf(object), ...secretAnnotationsOf(object)]),
  ];
}

function objectsIn(revision: HelmRevision): ReturnType<typeof objectsOfRevision> {
  try {
    return objectsOfRevision(revision);
  } catch {
    return [];
  }
}
