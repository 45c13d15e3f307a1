import { ExitCode } from '../errors/exit-code.ts';
import { UsageError } from '../errors/tool-error.ts';
import type { ItemLimits } from '../memcached/items/choose-items.ts';
import type { SnapshotManifest } from '../model/records/snapshot-manifest.ts';
import { formatAge } from '../output/age.ts';
import { formatBytes, sizeInWords } from '../output/byte-size.ts';
import { print } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { clusterInUse } from '../session/cluster-in-use.ts';
import type { CommandContext, OutputFormat } from '../session/context.ts';
import { recipientInWords } from '../store/format/sealed-backup.ts';
import { parseCacheName, readCache } from '../warm/read-cache.ts';
import {
  cutOffSnapshots,
  listSnapshots,
  releaseFilesOf,
  removeSnapshots,
} from '../warm/snapshots/find-snapshot.ts';
import { type SavedSnapshot, saveSnapshot } from '../warm/snapshots/save-snapshot.ts';

export interface SnapshotOptions {
  release: string;
  /** -n */
  namespace?: string;
  limits: ItemLimits;
  clusterName?: string;
  allowPlain: boolean;
  /** --list: show those that there are, and do nothing else. */
  list: boolean;
  /** --keep: of the snapshots of the release so many stay. */
  keep?: number;
  output: OutputFormat;
  headers: boolean;
}

/**
 * `snapshot RELEASE`: saves the items of its caches beside its backups, or lists those that were saved.
 * @returns ok; incomplete where items were left out for their size.
 * @throws as saveSnapshot does.
 */
export async function snapshot(options: SnapshotOptions, context: CommandContext): Promise<ExitCode> {
  const { release, list, output, headers } = options;
  const { io } = context;
  const kube = await context.kube();
  const name = parseCacheName(release, kube.namespace);
  if (name.isPod) throw new UsageError('a snapshot is one of a release, with all of its pods');
  const store = await context.store();
  const { name: cluster } = await clusterInUse(kube, context.store, options.clusterName);
  const address = { cluster, namespace: name.namespace, release: name.name };
  const files = releaseFilesOf(store, address);
  const show = (manifests: readonly SnapshotManifest[]): Promise<void> =>
    print(
      io,
      {
        kind: 'SnapshotList',
        data: { store: store.location, items: manifests.map(snapshotData) },
        rows: manifests,
        columns: columnsAt(context.now()),
        name: ({ namespace, release: of, id }) => `${namespace}/${of}@${id}`,
      },
      { output, headers },
    );
  if (list) {
    const found = await listSnapshots(files, address);
    if (found.length === 0) io.say(`No snapshots of ${name.name} in namespace ${name.namespace}.`);
    await show(found);
    return ExitCode.ok;
  }
  const cache = await readCache(kube, name, io);
  const { limits, clusterName, allowPlain } = options;
  const saved = await saveSnapshot(kube, { cache, limits, clusterName, allowPlain }, context);
  await show([saved.manifest]);
  const old = await cutOffSnapshots(files, context.now()).catch(() => []);
  const { keep } = options;
  const beyond = keep === undefined ? [] : (await listSnapshots(files, address)).slice(keep);
  const going = [...beyond.map(({ id }) => id), ...old];
  if (going.length > 0) await removeSnapshots(files, going);
  if (beyond.length > 0) io.say(`Removed ${beyond.length} older: ${beyond.map(({ id }) => id).join(', ')}.`);
  return sayLeftOut(saved, context);
}

function sayLeftOut({ manifest, leftOut }: SavedSnapshot, { io }: CommandContext): ExitCode {
  const large = leftOut.reduce((sum, each) => sum + (each.large ?? 0), 0);
  if (large > 0) io.warn(`${large} items of more than 32 MiB were left out`);
  if (manifest.sealed === undefined)
    io.warn('it lies in plain text: whoever can read the store has what the cache holds');
  return large > 0 ? ExitCode.incomplete : ExitCode.ok;
}

/** Without the pieces: their names and digests are the store's business. */
function snapshotData({ parts, formatVersion: _, ...rest }: SnapshotManifest): object {
  return { ...rest, parts: parts.map(({ pieces, ...part }) => ({ ...part, pieces: pieces.length })) };
}

function columnsAt(now: Date): Column<SnapshotManifest>[] {
  const sum = ({ parts }: SnapshotManifest, what: 'items' | 'bytes'): number =>
    parts.reduce((total, part) => total + part[what], 0);
  return [
    { header: 'ID', cell: ({ id }) => id },
    { header: 'AGE', cell: ({ at }) => formatAge(now.getTime() - Date.parse(at)) },
    { header: 'PODS', cell: ({ parts }) => String(parts.length) },
    { header: 'ITEMS', cell: (manifest) => String(sum(manifest, 'items')) },
    { header: 'SIZE', cell: (manifest) => formatBytes(sum(manifest, 'bytes')) },
    {
      header: 'SEALED',
      cell: ({ sealed }) =>
        sealed === undefined ? 'no' : sealed.recipients.map(recipientInWords).join(', '),
      spare: 1,
    },
    { header: 'TOOK', cell: ({ seconds }) => `${seconds.toFixed(1)}s`, wide: true },
    {
      header: 'STORED',
      cell: ({ parts }) =>
        sizeInWords(parts.flatMap(({ pieces }) => pieces).reduce((total, { bytes }) => total + bytes, 0)),
      wide: true,
    },
  ];
}
