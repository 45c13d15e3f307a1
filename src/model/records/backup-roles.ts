import type { HelmRevision } from '../helm/helm-release.ts';
import { groupOf, type KubeObject, keyOf, type ObjectRef, refOf } from '../kubernetes/object.ts';
import { objectsWithoutRecord } from '../release/plain-release.ts';
import { RELEASE_KINDS } from '../release/release-kinds.ts';
import { classifyObjects, namedObjects } from '../release/release-objects.ts';
import { whyNeverWritten } from '../release/writable-object.ts';
import type { ObjectEntry, Role } from './backup-format.ts';

/** What an object of a backup is to the release, and why. */
export interface JudgedRole {
  role: Role;
  from: string;
}

/** What a backup holds that tells what belongs to the release. */
export interface HeldRelease {
  release: string;
  namespace: string;
  /** Helm's revisions in the backup; empty without Helm. */
  history: HelmRevision[];
  /** Without Helm's record objects of whatever kind count by their marks: whoever saved them had the record, and left it out. */
  everyKind?: boolean;
}

/** For what neither Helm's manifest nor another object of the backup names. */
export const UNTIED = 'nothing in the backup ties it to the release';

/**
 * Works out, from the objects and Helm's records of a backup alone, what each object is to the release: by the
 * rules by which a live release is read for a backup (release-objects.ts, plain-release.ts). What backup.json says
 * of role and origin does not count, for whoever can write to a store can write that. Pure.
 * @param objects the raw ones of the backup, of all roles.
 * @returns the role of an object; "recorded" for the namespace itself, and for what nothing ties to the release.
 * @throws ToolError where a manifest of Helm's is no YAML.
 */
export function judgeRoles(
  objects: readonly KubeObject[],
  { release, namespace, history, everyKind = false }: HeldRelease,
): (ref: ObjectRef) => JudgedRole {
  const byKey = new Map(objects.map((object) => [keyOf(refOf(object)), object]));
  const clusterWide = new Set(
    objects.map(refOf).flatMap((ref) => (ref.namespace === undefined ? [kindOf(ref)] : [])),
  );
  const named =
    history.length > 0
      ? namedObjects(history, namespace, (apiVersion, kind) => !clusterWide.has(kindOf({ apiVersion, kind })))
      : objectsWithoutRecord(release, namespace, everyKind ? [...objects] : objects.filter(isRead));
  const { classified } = classifyObjects(named, namespace, (ref) => byKey.get(keyOf(ref)));
  const judged = new Map(
    classified.map(({ ref, role, from }): [string, JudgedRole] => [keyOf(ref), { role, from }]),
  );
  const own = keyOf({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
  return (ref) =>
    judged.get(keyOf(ref)) ?? { role: 'recorded', from: keyOf(ref) === own ? 'namespace' : UNTIED };
}

/** Without Helm's record a backup looks at these kinds alone. */
function isRead(object: KubeObject): boolean {
  return READ_KINDS.has(kindOf(refOf(object)));
}

const READ_KINDS = new Set(RELEASE_KINDS.map(([apiVersion, kind]) => kindOf({ apiVersion, kind })));

function kindOf({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

/** Of the kinds that are never written, those that charts have, and that earlier versions counted as owned. */
const ONCE_OWNED = new Set(['batch/Job', '/Endpoints', 'discovery.k8s.io/EndpointSlice']);

/** Why what backup.json says of an object's role can't be: one clause; undefined where it is so. */
export function whyWrongRole(
  entry: ObjectEntry,
  object: KubeObject,
  judged: JudgedRole,
  namespace: string,
): string | undefined {
  if (entry.role === judged.role && judged.from !== UNTIED) return undefined;
  const said = `backup.json says that it is ${entry.role}`;
  if (judged.role !== 'recorded') return `${said}, and it is ${judged.role} (${judged.from})`;
  const never = whyNeverWritten(object, namespace);
  if (judged.from === UNTIED) return `${said}, and ${UNTIED}${never === undefined ? '' : ` (${never})`}`;
  const isOld = entry.role === 'owned' && entry.namespace === namespace && ONCE_OWNED.has(kindOf(entry));
  return isOld ? undefined : `${said}, and no restore writes it: ${judged.from}`;
}
