import { readSoundSource } from '../backup/read-sound-source.ts';
import type { RestoreSource } from '../backup/source.ts';
import type { KubeClient } from '../kube/client.ts';
import { kindKey } from '../kube/inventory.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { Plan } from '../model/plan/plan.ts';
import type { BackupDocument, HelmInfo, PodSettings } from '../model/records/backup-format.ts';
import { configurationOf } from '../model/records/configuration-of.ts';
import { RELEASE_KINDS } from '../model/release/release-kinds.ts';
import type { CommandContext } from '../session/context.ts';
import { DamagedBackup } from '../store/format/damage.ts';
import type { BackupAddress, BackupReader, Store } from '../store/store.ts';
import type { EarlierBackup } from './choose-backup.ts';
import { intoNamespace } from './into-namespace/into-namespace.ts';
import { planOver, planRelease } from './plan/plan-release.ts';

/** How many are compared with live: each look asks the server about every object. */
const LOOKS = 5;
/** How far back to look among those that hold the same: of each the store is asked for its backup.json. */
const DOCUMENTS = 50;
/** Opened at once. */
const AT_ONCE = 10;
/** Objects named; the rest is counted. */
const NAMED = 3;

/**
 * Whoever restores `latest` and finds that nothing differs wants an earlier one. Says which is the newest
 * that differs from live, and in what. One that holds what an equal one holds is equal, too: nobody is asked about it.
 * @param earlier those before it by the rule of `latest`, the newest first.
 */
export async function sayNewestDifferent(asked: Asked, context: CommandContext): Promise<void> {
  const { store, source: latest, earlier } = asked;
  // Of a part of a backup that is equal nothing follows for the rest.
  const same = new Set(latest.skipped === undefined ? [contentOf(latest.document)] : []);
  same.delete(undefined);
  const isSame = (one: EarlierBackup) => same.has(contentAsListed(one));
  let looks = 0;
  for await (const open of opened(store, earlier.filter((one) => !isSame(one)).slice(0, DOCUMENTS))) {
    const reader = await ifSound(open);
    if (reader === undefined) continue;
    const content = contentOf(reader.document);
    if (content !== undefined && same.has(content)) continue;
    if (looks++ === LOOKS) return;
    const saved = await ifSound(() => readSoundSource(reader, context));
    if (saved === undefined) continue;
    const plan = await comparison(saved, asked, context);
    if (!plan.nothingToDo && plan.proof === undefined) {
      const { release, id } = reader.document;
      context.io.say(`The newest backup that differs from live is ${release}@${id}${differences(plan)}`);
      return;
    }
    if (content !== undefined) same.add(content);
  }
}

/** One, then some at a time, in order; what is wrong with one is thrown where it is its turn. */
async function* opened(
  store: Store,
  addresses: readonly BackupAddress[],
): AsyncGenerator<() => Promise<BackupReader>> {
  for (let at = 0, size = 1; at < addresses.length; at += size, size = AT_ONCE) {
    const batch = addresses.slice(at, at + size).map((address) => store.open(address));
    for (const reader of batch) reader.catch(() => {});
    yield* batch.map((reader) => () => reader);
  }
}

/** What a restore of it would do, over the release as it was read for the latest one, where that holds enough of it. */
async function comparison(
  saved: RestoreSource,
  { kube, source: latest, live, livePods }: Asked,
  context: CommandContext,
): Promise<Plan> {
  const source = intoNamespace(saved, latest.document.namespace.name);
  const options = { wholeRelease: true, askServer: true, livePods, isComparison: true };
  const { plan } = isRead(source, latest)
    ? await planOver(kube, { source, live }, options, context)
    : await planRelease(kube, source, options, context);
  return plan;
}

/** Whether the release was read with every kind that a backup holds, as it was for the latest one. */
function isRead({ objects, document }: RestoreSource, latest: RestoreSource): boolean {
  const read = new Set(RELEASE_KINDS.map(([apiVersion, kind]) => kindKey(apiVersion, kind)));
  for (const { ref } of latest.objects) read.add(kindKey(ref.apiVersion, ref.kind));
  const wanted = [...objects.map(({ ref }) => ref), ...(document.withoutSecrets?.objects ?? [])];
  return wanted.every(({ apiVersion, kind }) => read.has(kindKey(apiVersion, kind)));
}

/** What tells one content from another, Helm's record among it; undefined of a sealed one, which has to be opened. */
function contentOf(document: BackupDocument): string | undefined {
  return contentAsListed({ configuration: configurationOf(document), helm: document.helm });
}

function contentAsListed({
  configuration,
  helm,
}: {
  configuration?: string | undefined;
  helm?: HelmInfo | undefined;
}): string | undefined {
  return configuration && JSON.stringify([configuration, helm ?? null]);
}

function differences({ objects }: Plan): string {
  const different = objects.filter(({ action }) => action !== 'keep');
  const names = different.slice(0, NAMED).map(({ ref, action, changes }) => {
    return `${displayName(ref)} (${changes[0] ?? action})`;
  });
  if (different.length > NAMED) names.push(`${different.length - NAMED} more`);
  return names.length === 0 ? '' : `, in ${names.join(', ')}`;
}

/** undefined for one that nothing can be restored from: what is sought is one that can. */
async function ifSound<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DamagedBackup) return undefined;
    throw error;
  }
}

interface Asked {
  kube: KubeClient;
  store: Store;
  /** What was restored. */
  source: RestoreSource;
  /** The release, and what its pods said, as they were read for that. */
  live: LiveRelease;
  livePods: PodSettings[];
  earlier: readonly EarlierBackup[];
}
