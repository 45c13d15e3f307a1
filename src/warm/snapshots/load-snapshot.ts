import { dialPods } from '../../backup/dial-pods.ts';
import { ToolError, UsageError } from '../../errors/tool-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { whileNotBrokenOff } from '../../memcached/copy-items.ts';
import type { CachedItem } from '../../memcached/items/cached-item.ts';
import { BrokenPiece, decodeItems, recordSize } from '../../memcached/items/item-records.ts';
import { type AddCounts, ItemTarget, noCounts } from '../../memcached/items/item-target.ts';
import { countLeftOut } from '../../memcached/items/read-items.ts';
import type { MemcachedClient } from '../../memcached/memcached-client.ts';
import { openPod } from '../../memcached/open-pod.ts';
import { classOf, footprintOf, pageSlack } from '../../model/cache/slab-room.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import {
  LARGEST_ITEM,
  PIECE_BYTES,
  type SnapshotManifest,
  type SnapshotPart,
  type SnapshotPiece,
  snapshotPath,
} from '../../model/records/snapshot-manifest.ts';
import { clusterInUse } from '../../session/cluster-in-use.ts';
import type { CommandContext } from '../../session/context.ts';
import { showing } from '../../session/under-way.ts';
import { sha256 } from '../../store/format/digest.ts';
import { sealedTo } from '../../store/format/sealed-backup.ts';
import type { ReleaseFiles } from '../../store/release-files.ts';
import { NoKeyFits, type Openers, open } from '../../store/seal/age.ts';
import { lackingOfCopy } from '../lacking.ts';
import { pairPods } from '../pair-pods.ts';
import { progressBar } from '../progress-bar.ts';
import type { CacheInUse, CachePod } from '../read-cache.ts';
import type { PodCopy } from '../warm-report.ts';
import { findSnapshot, releaseFilesOf } from './find-snapshot.ts';

const SILENCE_MS = 15_000;
const BATCH_ITEMS = 1000;
const BATCH_BYTES = 2 ** 20;
/** What age adds to a piece, and more. */
const SEAL_BYTES = 2 ** 20;

export interface WarmFromSnapshot {
  /** [NAMESPACE/]RELEASE */
  release: string;
  namespace: string;
  /** Its id, the beginning of it, or "latest". */
  id: string;
  clusterName: string | undefined;
  target: CacheInUse;
  /** --to */
  only: string | undefined;
  /** --prefix */
  prefix: string | undefined;
}

/**
 * Gives the items of a snapshot to the pods of a cache, part by part: those that live on, as far as there is room. Memory is flat.
 * @throws UsageError where it can't be told which part goes where; ToolError where a piece is damaged or no key opens it;
 *   MemcachedError; BrokenOffError.
 */
export async function warmFromSnapshot(
  kube: KubeClient,
  wanted: WarmFromSnapshot,
  context: CommandContext,
): Promise<{ copies: PodCopy[]; lacking: string[]; from: string }> {
  const { release, namespace, id, clusterName, target, only, prefix } = wanted;
  const store = await context.store();
  const { name: cluster } = await clusterInUse(kube, context.store, clusterName);
  const files = releaseFilesOf(store, { cluster, namespace, release });
  const manifest = await findSnapshot(files, { cluster, namespace, release }, id);
  const from = `${release}@${manifest.id}`;
  const pairs = pairPods(asCache(manifest, from), target, only);
  if (typeof pairs === 'string') {
    throw new UsageError(`the items of ${from} can't be given to ${target.name}: ${pairs}`, {
      untouched: 'no cache was changed',
    });
  }
  const openers = (await (await context.keys?.())?.openers()) ?? { identities: [] };
  const { dial } = dialPods(kube);
  const copies: PodCopy[] = [];
  for (const { from: source, to } of pairs) {
    const part = manifest.parts.find(({ pod }) => pod === source.target.pod)!;
    const client = await openPod(to.target, dial, SILENCE_MS, to.credentials);
    try {
      const pieces = readPieces(files, manifest, part, openers);
      const text = `${from} → pod/${to.target.pod}`;
      const copied = await showing(context.io, text, (update) =>
        loadPart({ part, pieces, client, prefix }, context.signal, (share) =>
          update(`${text} ${progressBar(share)}`),
        ),
      );
      copies.push({ from: `${from}/${part.pod}`, to: to.target.pod, ...copied });
    } finally {
      client.close();
    }
  }
  return { copies, lacking: copies.flatMap((copy) => lackingOfCopy(copy)), from };
}

/** As far as it matters for which part goes to which pod. */
function asCache({ parts, namespace }: SnapshotManifest, name: string): CacheInUse {
  const workloads = new Map<string, KubeObject>();
  const workloadOf = (workload: string): KubeObject | undefined => {
    const [, kind, of] = /^(statefulset|deployment|daemonset)\.apps\/(.+)$/.exec(workload) ?? [];
    if (kind === undefined || of === undefined) return undefined;
    const kinds = { statefulset: 'StatefulSet', deployment: 'Deployment', daemonset: 'DaemonSet' };
    const object = workloads.get(workload) ?? {
      apiVersion: 'apps/v1',
      kind: kinds[kind as keyof typeof kinds],
      metadata: { name: of, namespace },
    };
    workloads.set(workload, object);
    return object;
  };
  const pods = parts.map(({ pod, workload }): CachePod => {
    const known = {
      name: pod,
      workload,
      current: true,
      container: '',
      image: '',
      command: [],
      args: [],
      env: [],
      ready: true,
    };
    // Of no namespace: a pod of that name may be there again, and is another one.
    return {
      target: { namespace: '', pod, port: 0, known },
      workload: workloadOf(workload),
      credentials: undefined,
    };
  });
  return { namespace, name, pods };
}

async function* readPieces(
  files: ReleaseFiles,
  { id, sealed }: SnapshotManifest,
  { pieces }: SnapshotPart,
  openers: Openers,
): AsyncGenerator<{ piece: SnapshotPiece; content: Buffer }> {
  const damaged = (piece: SnapshotPiece, why: string): ToolError =>
    new ToolError(`the snapshot ${id} is damaged: ${piece.file} ${why}`, {
      untouched: 'what was stored until then stays in the cache',
    });
  for (const piece of pieces) {
    const stored = await files.read(
      snapshotPath(id, piece.file),
      Math.max(PIECE_BYTES, LARGEST_ITEM) + SEAL_BYTES,
    );
    if (stored === undefined) throw damaged(piece, 'is missing');
    if (sha256(stored) !== piece.sha256) throw damaged(piece, 'is not as it was written');
    try {
      const content = sealed === undefined ? stored : await open(stored, openers, piece.file);
      yield { piece, content };
    } catch (error) {
      if (error instanceof BrokenPiece) throw damaged(piece, `can't be read: ${error.message}`);
      if (!(error instanceof NoKeyFits)) throw error;
      throw new ToolError(`the snapshot ${id} is ${sealedTo(sealed!)}, and no key at hand opens it`, {
        untouched: 'no cache was changed',
        next: 'name the key: --identity FILE',
      });
    }
  }
}

interface PartToLoad {
  part: SnapshotPart;
  pieces: AsyncGenerator<{ piece: SnapshotPiece; content: Buffer }>;
  client: MemcachedClient;
  prefix: string | undefined;
}

async function loadPart(
  { part, pieces, client, prefix }: PartToLoad,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<AddCounts> {
  const counts = noCounts();
  const start = prefix === undefined ? '' : Buffer.from(prefix, 'utf8').toString('latin1');
  return whileNotBrokenOff([client], signal, counts, async () => {
    const target = await ItemTarget.open(client);
    const fill = new Filling(target);
    // What the items took, at most, in chunks of this server.
    const short = part.bytes * target.growth - target.room;
    for await (const { piece, content } of pieces) {
      try {
        let [batch, size]: [CachedItem[], number] = [[], 0];
        for (const item of decodeItems(content, target.clock)) {
          counts.listed++;
          const why = item === 'ended' ? 'expired' : item.key.startsWith(start) ? undefined : 'prefix';
          if (why !== undefined || item === 'ended') {
            countLeftOut(counts, why ?? 'expired', 1);
            continue;
          }
          if (short > 0 && !fill.takes(item)) {
            countLeftOut(counts, 'room', 1);
            counts.noRoom.items++;
            counts.noRoom.bytes += recordSize(item);
            continue;
          }
          counts.fetched++;
          size += recordSize(item);
          if (batch.push(item) >= BATCH_ITEMS || size >= BATCH_BYTES) {
            await target.add(batch, counts);
            onProgress(counts.listed / Math.max(1, part.items));
            [batch, size] = [[], 0];
          }
        }
        if (batch.length > 0) await target.add(batch, counts);
      } catch (error) {
        if (!(error instanceof BrokenPiece)) throw error;
        throw new ToolError(`the snapshot is damaged: ${piece.file}: ${error.message}`, {
          untouched: `the ${counts.stored} items that were stored until then stay in the cache`,
        });
      }
    }
    return target.finish(counts);
  });
}

/** memcached's own bytes of an item: the head, the CAS number, and the ends of key and value. */
const OVERHEAD = 48 + 8 + 1 + 2;

/** How full a target gets. */
class Filling {
  readonly #target: ItemTarget;
  readonly #classes = new Set<number>();
  #taken = 0;

  constructor(target: ItemTarget) {
    this.#target = target;
  }

  /** Whether there is room for one more; asked once of each. */
  takes({ key, value }: CachedItem): boolean {
    const { chunks, room } = this.#target;
    const size = key.length + value.length + OVERHEAD;
    this.#classes.add(classOf(size, chunks));
    const bytes = footprintOf(size, chunks);
    if (this.#taken + bytes + pageSlack(this.#classes.size) > room) return false;
    this.#taken += bytes;
    return true;
  }
}
