import { dialPods } from '../../backup/dial-pods.ts';
import { brokenOff } from '../../errors/interruptible.ts';
import { UsageError } from '../../errors/tool-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { surveyOf } from '../../memcached/copy-items.ts';
import type { CachedItem } from '../../memcached/items/cached-item.ts';
import { type ItemLimits, leftOutByItself } from '../../memcached/items/choose-items.ts';
import { encodeItems, recordSize } from '../../memcached/items/item-records.ts';
import { clockOf } from '../../memcached/items/item-target.ts';
import { type ReadCounts, readItems } from '../../memcached/items/read-items.ts';
import type { MemcachedClient } from '../../memcached/memcached-client.ts';
import { openPod } from '../../memcached/open-pod.ts';
import { cacheCounters } from '../../model/cache/cache-counters.ts';
import { backupId, nextId } from '../../model/records/backup-id.ts';
import {
  LARGEST_ITEM,
  MANIFEST,
  PIECE_BYTES,
  SNAPSHOT_VERSION,
  type SnapshotManifest,
  type SnapshotPart,
  type SnapshotPiece,
  snapshotPath,
} from '../../model/records/snapshot-manifest.ts';
import { clusterInUse } from '../../session/cluster-in-use.ts';
import type { CommandContext } from '../../session/context.ts';
import { showing } from '../../session/under-way.ts';
import { sha256 } from '../../store/format/digest.ts';
import type { ReleaseFiles } from '../../store/release-files.ts';
import { type Seal, seal } from '../../store/seal/age.ts';
import { sealingOf } from '../../store/seal/seal-content.ts';
import type { ReleaseAddress } from '../../store/store.ts';
import { progressBar } from '../progress-bar.ts';
import type { CacheInUse, CachePod } from '../read-cache.ts';
import { releaseFilesOf } from './find-snapshot.ts';

const SILENCE_MS = 15_000;

export interface WantedSnapshot {
  cache: CacheInUse;
  limits: ItemLimits;
  /** --cluster-name */
  clusterName: string | undefined;
  /** --allow-plain */
  allowPlain: boolean;
}

/** A snapshot that was saved, and what was left out of each part. */
export interface SavedSnapshot {
  manifest: SnapshotManifest;
  leftOut: ReadCounts['leftOut'][];
}

/**
 * Saves the items of a release's caches beside its backups, sealed, in pieces: memory is flat, whatever their size. What has no manifest is no
 * snapshot, and the manifest is written last; on a signal or a failure what was written is removed again.
 * @throws UsageError where nobody is named who may open it; ToolError, MemcachedError; BrokenOffError.
 */
export async function saveSnapshot(
  kube: KubeClient,
  { cache, limits, clusterName, allowPlain }: WantedSnapshot,
  context: CommandContext,
): Promise<SavedSnapshot> {
  const began = performance.now();
  const by = await (await context.keys?.())?.sealFor('backup');
  if (by === undefined && !allowPlain) {
    throw new UsageError('a cache holds other people’s data: its snapshot is saved sealed', {
      untouched: 'nothing was saved',
      next: 'name who may open it: --encrypt-to age1…; or say that plain text is meant: --allow-plain',
    });
  }
  const store = await context.store();
  const { name: cluster } = await clusterInUse(kube, context.store, clusterName);
  const address: ReleaseAddress = { cluster, namespace: cache.namespace, release: cache.name };
  const files = releaseFilesOf(store, address);
  const id = await freeId(files, context.now());
  const written: string[] = [];
  const writer = new PieceWriter(files, id, by, written);
  const { dial } = dialPods(kube);
  try {
    const parts: SnapshotPart[] = [];
    const leftOut: ReadCounts['leftOut'][] = [];
    for (const [index, pod] of cache.pods.entries()) {
      const open = () => openPod(pod.target, dial, SILENCE_MS, pod.credentials);
      const saved = await savePart({ index, pod, open, limits, writer }, context);
      parts.push(saved.part);
      leftOut.push(saved.leftOut);
    }
    const manifest: SnapshotManifest = {
      formatVersion: SNAPSHOT_VERSION,
      id,
      at: context.now().toISOString(),
      ...address,
      ...(by === undefined ? {} : { sealed: sealingOf(by) }),
      parts,
      seconds: (performance.now() - began) / 1000,
      tool: context.version,
    };
    await files.write(snapshotPath(id, MANIFEST), Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`));
    return { manifest, leftOut };
  } catch (error) {
    for (const path of written) await files.remove(path).catch(() => {});
    throw error;
  }
}

/** Of the same second there may be another one. */
async function freeId(files: ReleaseFiles, now: Date): Promise<string> {
  const taken = new Set((await files.list('snapshots')).map(({ path }) => path.split('/')[1]));
  let id = backupId(now);
  while (taken.has(id)) id = nextId(id);
  return id;
}

interface PartToSave {
  index: number;
  pod: CachePod;
  open: () => Promise<MemcachedClient>;
  limits: ItemLimits;
  writer: PieceWriter;
}

async function savePart(
  { index, pod, open, limits, writer }: PartToSave,
  { io, signal }: CommandContext,
): Promise<{ part: SnapshotPart; leftOut: ReadCounts['leftOut'] }> {
  const untouched = 'nothing of it was kept, and the caches are as they were';
  const broken = () => brokenOff(signal, 'the snapshot', { untouched });
  const clients: MemcachedClient[] = [];
  const close = (): void => {
    for (const client of clients) client.close();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    if (signal.aborted) throw broken();
    const list = await open();
    clients.push(list);
    const fetch = await open();
    clients.push(fetch);
    const stats = await fetch.stats();
    const [clock, holds] = [clockOf(stats), cacheCounters(stats).items];
    const survey =
      limits.maxBytes === undefined
        ? undefined
        : await surveyOf(list, limits, clock, { chunks: [], room: Number.POSITIVE_INFINITY });
    const counts: ReadCounts = { listed: 0, fetched: 0, leftOut: {} };
    const piece = writer.begin(index);
    let bytes = 0;
    const { target } = pod;
    const text = `Snapshot of pod/${target.pod}`;
    await showing(io, text, async (update) => {
      await readItems(
        // Sealing takes this process for itself, for moments: clients of the cache would wait for its listing.
        { list, fetch, isListedFirst: true },
        counts,
        (key) => {
          if (key.size > LARGEST_ITEM) return 'large';
          const why = leftOutByItself(key, limits, clock) ?? survey?.leavesOut(key);
          if (why === undefined) bytes += key.size;
          return why;
        },
        async (items) => {
          await piece.add(items, clock);
          update(`${text} ${progressBar(counts.fetched / Math.max(1, holds))}`);
        },
      );
      await piece.end();
    });
    if (signal.aborted) throw broken();
    const { pieces } = piece;
    return {
      part: { pod: target.pod, workload: target.known.workload, items: counts.fetched, bytes, pieces },
      leftOut: counts.leftOut,
    };
  } catch (error) {
    throw signal.aborted ? broken() : error;
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/** Writes pieces of one snapshot. */
class PieceWriter {
  readonly #files: ReleaseFiles;
  readonly #id: string;
  readonly #by: Seal | undefined;
  readonly #written: string[];

  constructor(files: ReleaseFiles, id: string, by: Seal | undefined, written: string[]) {
    this.#files = files;
    this.#id = id;
    this.#by = by;
    this.#written = written;
  }

  begin(part: number): OpenPiece {
    return new OpenPiece((number, content, items) => this.#write(`${part}-${number}`, content, items));
  }

  async #write(name: string, content: Buffer, items: number): Promise<SnapshotPiece> {
    const file = `${name}.${this.#by === undefined ? 'bin' : 'age'}`;
    const stored = this.#by === undefined ? content : await seal(content, this.#by);
    const path = snapshotPath(this.#id, file);
    // Before it is written: one that is cut off may be there all the same.
    this.#written.push(path);
    await this.#files.write(path, stored);
    return { file, items, bytes: stored.length, sha256: sha256(stored) };
  }
}

/** Items that are gathered until they are a piece. Whoever gives it some waits where one is written: so memory stays flat. */
class OpenPiece {
  readonly pieces: SnapshotPiece[] = [];
  readonly #write: (number: number, content: Buffer, items: number) => Promise<SnapshotPiece>;
  #gathered: Buffer[] = [];
  #size = 0;
  #items = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(write: (number: number, content: Buffer, items: number) => Promise<SnapshotPiece>) {
    this.#write = write;
  }

  /** Some after others: who comes while a piece is written waits until it is. */
  add(items: readonly CachedItem[], clock: number): Promise<void> {
    const added = this.#last.then(() => this.#add(items, clock));
    // Its failure is thrown by whoever waits for it.
    this.#last = added.catch(() => {});
    return added;
  }

  async end(): Promise<void> {
    await this.#last;
    await this.#flush();
  }

  async #add(items: readonly CachedItem[], clock: number): Promise<void> {
    let batch: CachedItem[] = [];
    for (const item of items) {
      const size = recordSize(item);
      if (this.#size + size > PIECE_BYTES && this.#items + batch.length > 0) {
        this.#gather(batch, clock);
        batch = [];
        await this.#flush();
      }
      this.#size += size;
      batch.push(item);
    }
    this.#gather(batch, clock);
  }

  #gather(items: readonly CachedItem[], clock: number): void {
    if (items.length === 0) return;
    // A copy: what was received lies in larger pieces of memory.
    this.#gathered.push(encodeItems(items, clock));
    this.#items += items.length;
  }

  async #flush(): Promise<void> {
    const [gathered, items] = [this.#gathered, this.#items];
    [this.#gathered, this.#size, this.#items] = [[], 0, 0];
    if (items === 0) return;
    this.pieces.push(await this.#write(this.pieces.length, Buffer.concat(gathered), items));
  }
}
