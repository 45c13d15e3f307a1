import type { HelmRevision } from '../helm/helm-release.ts';
import { stringAt } from '../json/json.ts';
import { displayName, type KubeObject, keyOf, labelsOf, refOf } from '../kubernetes/object.ts';
import type { ObjectEntry } from './backup-format.ts';

/**
 * Whether the files of a backup are of the objects that backup.json says. A restore finds an object by its name,
 * so that two entries of one object, or one file for two, could show one thing and write another.
 */

/** Whether an object is the very one that an entry names, served in the same version. */
export function isObjectOf(object: KubeObject, entry: ObjectEntry): boolean {
  const found = refOf(object);
  return (
    found.apiVersion === entry.apiVersion &&
    found.kind === entry.kind &&
    found.name === entry.name &&
    found.namespace === entry.namespace
  );
}

/** Entries that name an object or a file that another one names, and why they must not; empty where all is well. */
export function contradictions(entries: readonly ObjectEntry[]): { entry: ObjectEntry; why: string }[] {
  const objects = new Set<string>();
  const files = new Map<string, ObjectEntry>();
  return entries.flatMap((entry) => {
    const found: string[] = [];
    if (objects.has(keyOf(entry))) found.push('backup.json names it twice');
    objects.add(keyOf(entry));
    for (const path of [entry.raw, entry.manifest]) {
      const other = path === undefined ? undefined : files.get(path);
      if (other !== undefined) found.push(`${path} is the file of ${displayName(other)}, too`);
      if (path !== undefined) files.set(path, entry);
    }
    return found.map((why) => ({ entry, why }));
  });
}

/**
 * What is wrong with the object that holds a Helm revision: it is written back as it is, so that it must be this
 * release's own record (helm.sh/helm/v3/pkg/storage/driver, newSecretsObject). Helm finds records by their labels;
 * where they are missing, nothing is wrong with the rest. Undefined where it is one.
 */
export function whyNoRecord(
  { record, name, revision, driver }: HelmRevision,
  release: string,
  namespace: string,
): string | undefined {
  const { owner = 'helm', name: labelled = release, version = String(revision) } = labelsOf(record);
  if (name !== release || labelled !== release) return 'it is a record of another release';
  const expected = {
    apiVersion: 'v1',
    kind: driver === 'secret' ? 'Secret' : 'ConfigMap',
    namespace,
    name: `sh.helm.release.v1.${release}.v${revision}`,
  };
  const isSecret = driver !== 'secret' || stringAt(record, 'type') === 'helm.sh/release.v1';
  const isNamed = keyOf(refOf(record)) === keyOf(expected) && refOf(record).apiVersion === 'v1';
  if (!isNamed || !isSecret || owner !== 'helm' || version !== String(revision)) {
    return `it is no record of revision ${revision} in namespace ${namespace}`;
  }
  return undefined;
}
