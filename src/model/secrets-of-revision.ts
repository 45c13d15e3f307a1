import type { HelmRevision } from './helm-release.ts';
import { valueAt } from './json.ts';
import { objectsOfRevision } from './release-objects.ts';
import { secretAnnotationsOf, secretHelmValues, secretValuesOf } from './secrecy.ts';

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
