import { tool } from '../../advice/command.ts';
import { UsageError } from '../../errors/tool-error.ts';
import { newestRevision } from '../../model/helm/helm-release.ts';
import { compareIds, timeOfId } from '../../model/records/backup-id.ts';
import { namesBackup, parseSelector } from '../../model/records/backup-selector.ts';
import { configurationOf } from '../../model/records/configuration-of.ts';
import { isUndone, isUnfinished, lastRestoreAmong, wroteNothing } from '../../model/records/journal.ts';
import { localTime, MOMENTS } from '../../model/records/moment.ts';
import { clusterInUse } from '../../session/cluster-in-use.ts';
import type { CommandContext } from '../../session/context.ts';
import { ownFolders } from '../../store/find/own-backups.ts';
import { DamagedBackup } from '../../store/format/damage.ts';
import type { BackupAddress, BackupReader, Store } from '../../store/store.ts';
import { settingChangesOf } from '../plan/setting-changes-of.ts';
import { type PlannedRestore, planRestore } from '../restore.ts';
import type { RestoreOptions } from '../restore-session.ts';
import { movedSince } from '../undo/undo-plan.ts';

export interface RollbackOptions extends Omit<RestoreOptions, 'selector' | 'into' | 'before'> {
  /** RELEASE, which may have its namespace in front. */
  release: string;
  /** --to: a backup's id or its beginning, latest, previous, healthy, a moment, or a tag of a store in Git. */
  to?: string;
}

/** Backups that are compared with the release: of each the server is asked about every object. */
const LOOKS = 20;

/**
 * Chooses the backup that a release goes back to, and plans the restore of it: what `to` names, else the newest that differs
 * from how the release is now. Reads only.
 * @returns the plan with the settings of memcached that change.
 * @throws as planRestore does.
 */
export async function planRollback(
  { release: name, to, ...options }: RollbackOptions,
  context: CommandContext,
): Promise<PlannedRestore> {
  const store = await context.store();
  const { release, id } = parseSelector(name, store.flags);
  if (name.includes('@')) {
    throw new UsageError(`rollback takes a release, and --to says which backup of it`, {
      untouched: 'the cluster was not changed',
      next: tool('rollback', name.slice(0, name.indexOf('@')), '--to', id, ...store.flags),
    });
  }
  const planned =
    to === undefined
      ? await planNewestDifferent({ ...options, selector: name }, context)
      : await planRestore(
          { ...options, selector: await meantBy(to, { name, release, options }, context) },
          context,
        );
  const settings = settingChangesOf(planned.session.source, planned);
  return { ...planned, plan: { ...planned.plan, settings } };
}

/** RELEASE@ID, of what `--to` says. @throws UsageError, ToolError */
async function meantBy(
  to: string,
  {
    name,
    release,
    options,
  }: { name: string; release: string; options: Pick<RestoreOptions, 'namespace' | 'clusterName'> },
  context: CommandContext,
): Promise<string> {
  if (namesBackup(to)) return `${name}@${to}`;
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  const namespace = parseSelector(name).namespace ?? options.namespace ?? kube.namespace;
  const [listed, cluster] = await Promise.all([
    store.list({ namespace, release }),
    clusterInUse(kube, async () => store, options.clusterName),
  ]);
  const folders = ownFolders(listed, cluster).map((folder) => ({ cluster: folder, namespace, release }));
  const address = await store.backupAtTag?.(folders, to);
  if (address === undefined) {
    throw new UsageError(
      `"${to}" is no backup of ${release}: --to takes latest, previous, healthy, YYYYMMDDTHHMMSSZ or the beginning of it, a moment such as ${MOMENTS}, or a tag where the store is in Git`,
      { next: tool('list', release, '-n', namespace, ...store.flags) },
    );
  }
  context.io.say(`The tag ${to} is ${nameOf(address)}.`);
  return `${name}@${address.id}`;
}

/** What was the newest before may be as the release is: so each is compared, the newest first, until one differs. */
async function planNewestDifferent(
  options: RestoreOptions,
  context: CommandContext,
): Promise<PlannedRestore> {
  const { io } = context;
  const latest = await planRestore(options, context);
  const last = await lastStanding(latest);
  if (last !== undefined) {
    const { to, at } = last;
    const { cluster } = latest.session.address;
    const from = to.cluster === cluster ? {} : { clusterName: to.cluster };
    const planned = await planRestore({ ...options, ...from, selector: selectorOf(to) }, context);
    if (last.isCutOff || changesSomething(planned) || planned.plan.runtime !== undefined) {
      io.say(`The last restore of ${to.release}, to ${nameOf(to)}, is not complete: it is gone on with.`);
      return planned;
    }
    if (timeOfId(latest.plan.backup.id) < at) {
      io.say(
        `${to.release} is as at ${nameOf(to)}, to which it was restored last. To go back further: --to.`,
      );
      return withoutEarlier(planned);
    }
  }
  if (changesSomething(latest)) return latest;
  const { store, earlier = [], source } = latest.session;
  const same = new Set([configurationOf(source.document)]);
  let [looks, passed] = [1, 1];
  const isPassedOver = ({ id }: BackupAddress): boolean =>
    last !== undefined && compareIds(id, last.to.id) > 0 && timeOfId(id) < last.at;
  for (const address of earlier.filter((each) => !isPassedOver(each))) {
    if (looks === LOOKS) break;
    const told = address.configuration;
    const document =
      told === undefined ? await ifSound(() => openedDocument(store, address), context) : undefined;
    const configuration = told ?? (document && configurationOf(document));
    const isDamaged = told === undefined && document === undefined;
    if (isDamaged || (configuration !== undefined && same.has(configuration))) {
      passed++;
      continue;
    }
    looks++;
    const selector = selectorOf(address);
    const planned = await ifSound(() => planRestore({ ...options, selector }, context), context);
    if (planned !== undefined && changesSomething(planned)) {
      io.say(`The newest backup that differs from how ${address.release} is now is ${nameOf(address)}.`);
      return planned;
    }
    passed++;
    if (planned !== undefined) same.add(configuration);
  }
  const all = passed === earlier.length + 1 ? 'No backup' : `None of the ${passed} newest backups`;
  io.say(`${all} of ${source.document.release} differs from how it is now.`);
  return withoutEarlier(latest);
}

/** None of those before it is looked for once more. */
function withoutEarlier(planned: PlannedRestore): PlannedRestore {
  const { earlier: _compared, ...session } = planned.session;
  return { ...planned, session };
}

/** A restore that nobody took back, or changed anything after. */
interface LastRestore {
  to: BackupAddress;
  /** When it began, milliseconds since 1970. */
  at: number;
  isCutOff: boolean;
}

/**
 * The last restore of the release, where it went back over newer backups or was cut off, and the release is as it left it. What it went
 * back over differs from now on: the same command again must not lead there.
 */
async function lastStanding({ session, live, plan }: PlannedRestore): Promise<LastRestore | undefined> {
  const { undoStore, address } = session;
  const { last, unreadable } = lastRestoreAmong(await undoStore.journals(address));
  if (last === undefined || unreadable.length > 0 || isUndone(last) || wroteNothing(last)) return undefined;
  const { cluster, namespace, release, id, path } = last.start.plan.backup;
  const isOwn = namespace === address.namespace && release === address.release && path === undefined;
  const isCutOff = isUnfinished(last);
  const isBack = isCutOff || compareIds(id, plan.backup.id) < 0;
  // One that was cut off is half done, whatever came after it: its plan is shown anew.
  if (!isOwn || !isBack || (!isCutOff && movedSince(last, live, []).length > 0)) return undefined;
  return { to: { cluster, namespace, release, id }, at: Date.parse(last.start.at), isCutOff };
}

async function openedDocument(store: Store, address: BackupAddress): Promise<BackupReader['document']> {
  return (await store.open(address)).document;
}

/** undefined for one that is damaged, which is said: what is sought is one that can be restored. */
async function ifSound<T>(
  read: () => Promise<T>,
  { io }: Pick<CommandContext, 'io'>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DamagedBackup)) throw error;
    io.warn(`${error.message}; it is passed over`);
    return undefined;
  }
}

/**
 * Whether a plan does more than to write down what is so already: an object that has other owners of its fields alone, or a
 * record of Helm's of a release that is well, is nothing that somebody goes back for.
 */
export function changesSomething({ plan, live }: Pick<PlannedRestore, 'plan' | 'live'>): boolean {
  const { nothingToDo, proof, namespace, helm, objects, stuckPods } = plan;
  if (nothingToDo || proof !== undefined) return false;
  if (namespace.action === 'create' || stuckPods !== undefined) return true;
  const newest = newestRevision(live.history);
  const isWell = newest === undefined || newest.status === 'deployed';
  if (helm.action !== 'none' && helm.action !== 'keep' && !isWell) return true;
  return objects.some(
    ({ action, changes }) =>
      action !== 'keep' &&
      !(
        action === 'replace' &&
        changes.length > 0 &&
        changes.every((change) => change.startsWith('owners: '))
      ),
  );
}

function selectorOf({ namespace, release, id }: BackupAddress): string {
  return `${namespace}/${release}@${id}`;
}

function nameOf({ release, id }: BackupAddress): string {
  return `${release}@${id}, taken ${localTime(timeOfId(id))}`;
}
