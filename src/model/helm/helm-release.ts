import { helm } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import {
  cloneJson,
  type Json,
  type JsonObject,
  jsonEqual,
  numberAt,
  objectAt,
  stringAt,
} from '../json/json.ts';
import { scanJson } from '../json/json-scan.ts';
import { BeyondLimit, RELEASE_LIMITS } from '../json/limits.ts';
import { type KubeObject, labelsOf, nameOf } from '../kubernetes/object.ts';
import { gunzip, gzip } from './gzip.ts';
import { lazyObject } from './lazy-object.ts';

/**
 * Helm's release records, as helm.sh/helm/v3/pkg/storage/driver (secrets.go, cfgmaps.go, util.go) and its
 * Helm 4 successor write them: one Secret or ConfigMap a revision, whose `data.release` is base64 of gzip of
 * JSON; a Secret's data is base64 once more, as all Secret data is.
 */

export type HelmDriver = 'secret' | 'configmap';

/** The statuses of helm.sh/helm/v3/pkg/release/status.go. */
export type HelmStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback';

/** One revision: the object that stores it and what that object says. */
export interface HelmRevision {
  driver: HelmDriver;
  /** The Secret or ConfigMap as read. */
  record: KubeObject;
  name: string;
  revision: number;
  status: HelmStatus;
  /**
   * The whole release document; fields that this tool does not know are kept. Decoded when it is asked for, each field
   * by itself, and again where memory was needed for something else meanwhile: not to be changed.
   */
  readonly document: JsonObject;
}

export function isHelmRecord(object: KubeObject): boolean {
  const labels = labelsOf(object);
  return (
    labels.owner === 'helm' &&
    labels.name !== undefined &&
    /^\d+$/.test(labels.version ?? '') &&
    typeof objectAt(object, 'data')?.release === 'string'
  );
}

/**
 * Reads what a record says of itself. That it can be decoded as a whole, and at what cost, is known afterwards.
 * @throws ToolError naming the record that can't be decoded, or is larger than RELEASE_LIMITS.
 */
export function decodeRevision(record: KubeObject): HelmRevision {
  const driver: HelmDriver = record.kind === 'ConfigMap' ? 'configmap' : 'secret';
  const labels = labelsOf(record);
  try {
    const text = textOf(record, driver);
    const { members } = scanJson(text, RELEASE_LIMITS);
    if (members === undefined) throw new Error('not a JSON object');
    const document = lazyObject(text, members);
    const again = passing(document, () => lazyObject(textOf(record, driver), members));
    return {
      driver,
      record,
      name: stringAt(document, 'name') ?? labels.name ?? '',
      revision: numberAt(document, 'version') ?? Number(labels.version),
      status: (stringAt(document, 'info', 'status') ?? labels.status ?? 'unknown') as HelmStatus,
      get document() {
        return again();
      },
    };
  } catch (cause) {
    throw new ToolError(
      `Helm's record ${driver}/${nameOf(record)} can't be decoded: ${(cause as Error).message}`,
      {
        untouched: 'nothing was written',
        next: helm('history', labels.name ?? ''),
        cause,
      },
    );
  }
}

/** The release document's text. @throws BeyondLimit, Error where it is no gzip. */
function textOf(record: KubeObject, driver: HelmDriver): Buffer {
  const data = stringAt(record, 'data', 'release') ?? '';
  const encoded = driver === 'secret' ? Buffer.from(data, 'base64').toString('latin1') : data;
  const bytes = Buffer.from(encoded, 'base64');
  // Helm 2.x wrote records without compression; Helm still reads them by looking for gzip's magic number.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzip(bytes, RELEASE_LIMITS.bytes);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw cause;
    throw new BeyondLimit(
      `its ${bytes.length} bytes unpack to more than ${RELEASE_LIMITS.bytes}, which is all that is read`,
    );
  }
}

/** Gives back what may go when memory is needed: the documents of all revisions of all releases are more than there is. */
function passing<T extends object>(first: T, again: () => T): () => T {
  let kept = new WeakRef(first);
  return () => {
    const value = kept.deref() ?? again();
    kept = new WeakRef(value);
    return value;
  };
}

/** `data.release` for a document, in the driver's encoding. */
export function encodeRelease(document: JsonObject, driver: HelmDriver): string {
  const encoded = gzip(JSON.stringify(document)).toString('base64');
  return driver === 'secret' ? Buffer.from(encoded, 'latin1').toString('base64') : encoded;
}

/** Whether two records hold the very same revision, whatever compressed them. */
export function sameRevision(a: HelmRevision, b: HelmRevision): boolean {
  return jsonEqual(a.document, b.document);
}

/** Whether two records are one revision in different statuses: the same operation of Helm, with its times. */
export function sameOrigin(a: HelmRevision, b: HelmRevision): boolean {
  const origin = ({ document }: HelmRevision): Json => {
    const { status: _status, description: _description, ...info } = objectAt(document, 'info') ?? {};
    return { ...document, info };
  };
  return jsonEqual(origin(a), origin(b));
}

/** Revisions in order, oldest first. */
export function sortRevisions(revisions: HelmRevision[]): HelmRevision[] {
  return [...revisions].sort((a, b) => a.revision - b.revision);
}

export function newestRevision(history: HelmRevision[]): HelmRevision | undefined {
  return sortRevisions(history).at(-1);
}

/** The revision that Helm calls the release's state: the newest deployed one, else the newest. */
export function effectiveRevision(history: HelmRevision[]): HelmRevision | undefined {
  const sorted = sortRevisions(history);
  return sorted.findLast((revision) => revision.status === 'deployed') ?? sorted.at(-1);
}

/**
 * The revisions whose manifests say what the release consists of now: the newest deployed one and, where an
 * upgrade after it failed or hangs, that newer one too, because Helm had begun to apply it.
 */
export function currentRevisions(history: HelmRevision[]): HelmRevision[] {
  const sorted = sortRevisions(history);
  const newest = sorted.at(-1);
  if (newest === undefined) return [];
  const deployed = sorted.findLast((revision) => revision.status === 'deployed');
  if (deployed === undefined || deployed === newest) return [newest];
  return [deployed, newest];
}

export function manifestOf(revision: HelmRevision): string {
  return stringAt(revision.document, 'manifest') ?? '';
}

/** The revision's hooks with their manifests. */
export function hooksOf(revision: HelmRevision): { name: string; manifest: string; events: string[] }[] {
  const hooks = revision.document.hooks;
  if (!Array.isArray(hooks)) return [];
  return hooks.map((hook) => ({
    name: stringAt(hook, 'name') ?? '',
    manifest: stringAt(hook, 'manifest') ?? '',
    events: Array.isArray(objectAt(hook)?.events) ? (objectAt(hook)!.events as string[]) : [],
  }));
}

/** What changes when a revision's record is written anew. */
export interface RevisionChange {
  status: HelmStatus;
  description?: string;
  /** Set where the revision is a new one. */
  revision?: number;
  /** RFC 3339; set where the release was deployed at this moment. */
  deployedAt?: string;
}

/** The release document with another status, revision or description; everything else as it was. */
export function changeDocument(document: JsonObject, change: RevisionChange): JsonObject {
  const changed = cloneJson(document);
  const info = objectAt(changed, 'info') ?? {};
  changed.info = info;
  info.status = change.status;
  if (change.description !== undefined) info.description = change.description;
  if (change.deployedAt !== undefined) {
    info.last_deployed = change.deployedAt;
    info.deleted = '';
  }
  if (change.revision !== undefined) changed.version = change.revision;
  return changed;
}

/** A record for a new revision, named and labelled as Helm's drivers do, user labels kept. */
export function newRecord(
  from: HelmRevision,
  namespace: string,
  change: RevisionChange & { revision: number },
  at: Date,
): KubeObject {
  const { createdAt: _created, modifiedAt: _modified, ...labels } = labelsOf(from.record);
  return {
    apiVersion: 'v1',
    kind: from.driver === 'secret' ? 'Secret' : 'ConfigMap',
    metadata: {
      name: `sh.helm.release.v1.${from.name}.v${change.revision}`,
      namespace,
      labels: {
        ...labels,
        name: from.name,
        owner: 'helm',
        status: change.status,
        version: String(change.revision),
        createdAt: unixSeconds(at),
      },
    },
    ...(from.driver === 'secret' ? { type: 'helm.sh/release.v1' } : {}),
    data: { release: encodeRelease(changeDocument(from.document, change), from.driver) },
  };
}

/** A record with another status: the object to PUT over the one that was read. */
export function changedRecord(
  record: KubeObject,
  document: JsonObject,
  change: RevisionChange,
  at: Date,
): KubeObject {
  const changed = cloneJson(record);
  const metadata = objectAt(changed, 'metadata') ?? {};
  delete metadata.managedFields;
  const name = stringAt(document, 'name');
  const version = change.revision ?? numberAt(document, 'version');
  metadata.labels = {
    ...objectAt(metadata, 'labels'),
    owner: 'helm',
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version: String(version) }),
    status: change.status,
    modifiedAt: unixSeconds(at),
  };
  const driver: HelmDriver = record.kind === 'ConfigMap' ? 'configmap' : 'secret';
  changed.data = {
    ...objectAt(changed, 'data'),
    release: encodeRelease(changeDocument(document, change), driver),
  };
  return changed;
}

function unixSeconds(at: Date): string {
  return String(Math.floor(at.getTime() / 1000));
}
