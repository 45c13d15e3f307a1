import { arrayAt, isObject, type Json, type JsonObject, numberAt, stringAt } from '../json/json.ts';
import type { SealedRecipient } from './backup-format.ts';
import { isBackupId, isReleaseName } from './backup-id.ts';

/** What a snapshot of a release's caches holds: of the items their number, never a key or a value. */
export interface SnapshotManifest {
  formatVersion: typeof SNAPSHOT_VERSION;
  id: string;
  /** When it was begun, RFC 3339. */
  at: string;
  cluster: string;
  namespace: string;
  release: string;
  /** Who can open its pieces; absent where they are in plain text. */
  sealed?: { recipients: SealedRecipient[] };
  /** One for each pod, in the order of their names. */
  parts: SnapshotPart[];
  seconds: number;
  /** Version of this tool. */
  tool: string;
}

export interface SnapshotPart {
  pod: string;
  /** "statefulset.apps/cart"; "" where nobody controls it. */
  workload: string;
  items: number;
  /** Memory that the items took, as memcached counts it. */
  bytes: number;
  /** In this order. */
  pieces: SnapshotPiece[];
}

export interface SnapshotPiece {
  /** Of the file, beside the manifest. */
  file: string;
  items: number;
  /** Of the file as it lies in the store. */
  bytes: number;
  sha256: string;
}

export const SNAPSHOT_VERSION = 1;

/** A piece holds up to this of keys, values and heads, but for one item that is larger. */
export const PIECE_BYTES = 8 * 2 ** 20;
/** No larger item is taken: sealed it has to fit into a file. */
export const LARGEST_ITEM = 32 * 2 ** 20;
export const MANIFEST_MAX_BYTES = 8 * 2 ** 20;

/** Where a file of a snapshot lies among the release's files. */
export function snapshotPath(id: string, file: string): string {
  return `snapshots/${id}/${file}`;
}

/** Written last: what has none is none. */
export const MANIFEST = 'manifest.json';

const MOST_PARTS = 1000;
const MOST_PIECES = 10_000;

/**
 * A manifest as the store has it, parsed. Untrusted: whatever it is not, it is not taken for.
 * @returns undefined where it is none of this version.
 */
export function readSnapshotManifest(value: Json): SnapshotManifest | undefined {
  if (!isObject(value) || value.formatVersion !== SNAPSHOT_VERSION) return undefined;
  const [id, at, cluster, namespace, release, tool] = [
    'id',
    'at',
    'cluster',
    'namespace',
    'release',
    'tool',
  ].map((key) => textOf(value, key));
  const parts = listOf(value, 'parts', MOST_PARTS, partOf);
  const seconds = amountOf(value, 'seconds');
  if (id === undefined || !isBackupId(id) || at === undefined || Number.isNaN(Date.parse(at)))
    return undefined;
  if (release === undefined || !isReleaseName(release) || parts === undefined || seconds === undefined)
    return undefined;
  if (cluster === undefined || namespace === undefined || tool === undefined) return undefined;
  const sealed = value.sealed === undefined ? undefined : sealedOf(value.sealed);
  if (value.sealed !== undefined && sealed === undefined) return undefined;
  return {
    formatVersion: SNAPSHOT_VERSION,
    id,
    at,
    cluster,
    namespace,
    release,
    ...(sealed === undefined ? {} : { sealed }),
    parts,
    seconds,
    tool,
  };
}

function sealedOf(value: Json): SnapshotManifest['sealed'] {
  const recipients = arrayAt(value, 'recipients').flatMap((each): SealedRecipient[] => {
    const type = RECIPIENT_TYPES.find((known) => known === stringAt(each, 'type'));
    const fingerprint = stringAt(each, 'fingerprint');
    if (type === undefined || (fingerprint !== undefined && !/^[0-9a-f]{8}$/.test(fingerprint))) return [];
    return [{ type, ...(fingerprint === undefined ? {} : { fingerprint }) }];
  });
  return recipients.length === 0 || recipients.length > 100 ? undefined : { recipients };
}

const RECIPIENT_TYPES: readonly SealedRecipient['type'][] = [
  'x25519',
  'mlkem768x25519',
  'ssh-ed25519',
  'ssh-rsa',
  'passphrase',
];

function partOf(value: Json): SnapshotPart | undefined {
  if (!isObject(value)) return undefined;
  const [pod, workload] = [textOf(value, 'pod'), textOf(value, 'workload')];
  const [items, bytes] = [amountOf(value, 'items'), amountOf(value, 'bytes')];
  const pieces = listOf(value, 'pieces', MOST_PIECES, pieceOf);
  if (pod === undefined || workload === undefined || pieces === undefined) return undefined;
  return items === undefined || bytes === undefined ? undefined : { pod, workload, items, bytes, pieces };
}

function pieceOf(value: Json): SnapshotPiece | undefined {
  if (!isObject(value)) return undefined;
  const [file, sha256] = [stringAt(value, 'file') ?? '', stringAt(value, 'sha256') ?? ''];
  const [items, bytes] = [amountOf(value, 'items'), amountOf(value, 'bytes')];
  if (!/^\d{1,5}-\d{1,6}\.(?:age|bin)$/.test(file) || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  return items === undefined || bytes === undefined ? undefined : { file, items, bytes, sha256 };
}

function listOf<T>(
  value: JsonObject,
  key: string,
  most: number,
  read: (item: Json) => T | undefined,
): T[] | undefined {
  const items = value[key];
  if (!Array.isArray(items) || items.length > most) return undefined;
  const entries = items.map(read);
  return entries.includes(undefined) ? undefined : (entries as T[]);
}

function textOf(value: JsonObject, key: string): string | undefined {
  const text = value[key];
  return typeof text === 'string' && text.length <= 253 * 2 ? text : undefined;
}

/** A count: no fraction, and not negative. */
function amountOf(value: Json, key: string): number | undefined {
  const amount = numberAt(value, key);
  return amount !== undefined && Number.isFinite(amount) && amount >= 0 ? amount : undefined;
}
