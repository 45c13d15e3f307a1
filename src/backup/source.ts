import { advice } from '../advice/advice.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { NamespaceReference } from '../model/forms/namespace-references.ts';
import { gunzip } from '../model/helm/gzip.ts';
import { decodeRevision, type HelmRevision, sortRevisions } from '../model/helm/helm-release.ts';
import { parseJsonWithin } from '../model/json/bounded-json.ts';
import { arrayAt, isObject, type Json } from '../model/json/json.ts';
import { OBJECT_LIMITS, RECORDS_LIMITS } from '../model/json/limits.ts';
import { displayName, type KubeObject, nameOf, type ObjectRef, refOf } from '../model/kubernetes/object.ts';
import type {
  BackupDocument,
  ObjectEntry,
  PodSettings,
  SettingsDocument,
} from '../model/records/backup-format.ts';
import { contradictions, isObjectOf, whyNoRecord } from '../model/records/backup-identity.ts';
import { judgeRoles } from '../model/records/backup-roles.ts';
import { holdsRecords } from '../model/records/held-secrets.ts';
import { listCommand, type StoreName, verifyCommand } from '../store/advice.ts';
import { checkSettingsDocument } from '../store/format/document-schema.ts';
import type { BackupReader } from '../store/store.ts';

/** An object that a restore may write, as it was at the backup. */
export interface SourceObject {
  /** Its role and origin are worked out, not those of backup.json. */
  entry: ObjectEntry;
  ref: ObjectRef;
  raw: KubeObject;
}

/** Everything a restore needs of a backup, read and checked. */
export interface RestoreSource {
  /** As in backup.json, but for the roles and origins of the objects. */
  document: BackupDocument;
  location: string;
  /** As {@link BackupReader}'s; absent where nothing was read. */
  operand?: readonly string[];
  store?: StoreName;
  /** The path by which it was named; absent where its name in the store was given. */
  path?: string;
  /** Owned and referenced objects. */
  objects: SourceObject[];
  /** Helm's revisions, oldest first; empty without Helm. */
  history: HelmRevision[];
  pods: PodSettings[];
  /** Objects of the backup that are left out (`--skip-kind`); absent where none is. */
  skipped?: ObjectRef[];
  /** Services that are created do not ask for the addresses that they had (`--new-addresses`). */
  newAddresses?: true;
  /** Set where it was rewritten for another namespace than its own. */
  moved?: Moved;
}

/** What became of a backup that is restored into another namespace. */
export interface Moved {
  /** The namespace that it was taken in. */
  from: string;
  /** Where that one is still named. */
  references: NamespaceReference[];
  /** What to know before saying yes. */
  notes: string[];
  /** Why it must not be. */
  refusals: string[];
}

/**
 * Reads a backup. Every byte is checked against its digest on the way, and what each object is to the release is
 * worked out anew (model/records/backup-roles.ts). Whoever writes or compares asks first whether the backup is sound
 * (backup/read-sound-source.ts).
 * @throws ToolError naming the file that is missing, damaged or not what backup.json says; SealedBackup where it is sealed
 *   and no key opens it.
 */
export async function readSource(stored: BackupReader): Promise<RestoreSource> {
  const reader = await stored.unsealed();
  const { document, location, operand, store } = reader;
  for (const { entry, why } of contradictions(document.objects)) {
    throw damaged(reader, 'backup.json', `${displayName(entry)}: ${why}`);
  }
  const [held, settings, history] = await Promise.all([
    Promise.all(document.objects.map((entry) => readObject(reader, entry))),
    readJson(reader, 'settings.json'),
    holdsRecords(document) ? readHistoryFile(reader) : [],
  ]);
  const { release, namespace } = document;
  const roleOf = judgeRoles(
    held.map(({ raw }) => raw),
    { release, namespace: namespace.name, history, everyKind: document.withoutSecrets !== undefined },
  );
  const judged = held.map(({ entry, ref, raw }) => ({ ref, raw, entry: { ...entry, ...roleOf(ref) } }));
  const wrong = await checkSettingsDocument(settings);
  if (wrong !== undefined) throw damaged(reader, 'settings.json', wrong);
  return {
    document: { ...document, objects: judged.map(({ entry }) => entry) },
    location,
    operand,
    ...(store === undefined ? {} : { store }),
    objects: judged.filter(({ entry }) => entry.role !== 'recorded'),
    history,
    pods: (settings as unknown as SettingsDocument).pods,
  };
}

async function readObject(reader: BackupReader, entry: ObjectEntry): Promise<SourceObject> {
  const raw = await readJson(reader, entry.raw);
  if (!isObject(raw) || !isObjectOf(raw, entry)) {
    throw damaged(reader, entry.raw, `does not hold ${displayName(entry)}`);
  }
  return { entry, ref: refOf(raw), raw };
}

async function readHistoryFile(reader: BackupReader): Promise<HelmRevision[]> {
  const path = 'helm/release.json.gz';
  const { release, namespace } = reader.document;
  const bytes = await reader.read(path);
  try {
    const unpacked = gunzip(bytes, RECORDS_LIMITS.bytes);
    const list = parseJsonWithin(unpacked, RECORDS_LIMITS);
    const history = sortRevisions(arrayAt(list, 'items').filter(isObject).map(decodeRevision));
    for (const revision of history) {
      const why = whyNoRecord(revision, release, namespace.name);
      if (why !== undefined) throw new Error(`${nameOf(revision.record)}: ${why}`);
    }
    return history;
  } catch (cause) {
    throw damaged(reader, path, (cause as Error).message, cause);
  }
}

async function readJson(reader: BackupReader, path: string): Promise<Json> {
  const content = await reader.read(path);
  try {
    return parseJsonWithin(content, OBJECT_LIMITS);
  } catch (cause) {
    throw damaged(reader, path, (cause as Error).message, cause);
  }
}

function damaged(
  { location, operand, store, address }: BackupReader,
  path: string,
  why: string,
  cause?: unknown,
): ToolError {
  return new ToolError(`backup ${location} is damaged: ${path}: ${why}`, {
    untouched: 'the cluster was not changed',
    next:
      store === undefined
        ? advice`see all that is wrong with it: ${verifyCommand(operand)}`
        : advice`choose another one: ${listCommand(store, address.release, address.namespace)}`,
    cause,
  });
}
