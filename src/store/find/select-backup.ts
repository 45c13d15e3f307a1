import { advice } from '../../advice/advice.ts';
import type { Command } from '../../advice/command.ts';
import { ToolError, UsageError } from '../../errors/tool-error.ts';
import { isHealthy, whyUnhealthy } from '../../model/records/backup-health.ts';
import { isIdPrefix, timeOfId } from '../../model/records/backup-id.ts';
import type { BackupSelector } from '../../model/records/backup-selector.ts';
import { localTime, momentOf, type SaidMoment } from '../../model/records/moment.ts';
import { listCommand, type StoreName } from '../advice.ts';
import type { ClusterInUse } from '../cluster-name.ts';
import { DamagedBackup } from '../format/damage.ts';
import type { ListedBackup } from '../store.ts';
import { isHollow, type LatestOptions, latestBackups, newestFirst, unfit } from './latest-backups.ts';
import { ownBackups } from './own-backups.ts';

/** How many candidates an error names; `list` has them all. */
const NAMED = 5;

export interface SelectOptions extends LatestOptions {
  /** The one in use; without it, backups of every cluster are candidates. */
  cluster?: ClusterInUse | undefined;
  /** By which ages and days are told. */
  now?: Date;
  /** Of a word, only what was taken before it (`--before`). */
  before?: SaidMoment | undefined;
}

/**
 * The backup that RELEASE[@ID] names. `latest` and `previous` are as latest-backups.ts says, and a moment or `healthy`
 * chooses among the same ones: the newest that there was then, the newest at which the release was up. An id, or the beginning
 * of one, names any backup that is not damaged.
 * @param listed what the store lists, of any release; narrowed to a namespace where the user named one.
 * @param store that lists them, for advice.
 * @throws ToolError naming the candidates where none fits; UsageError where several namespaces or clusters do.
 */
export function selectBackup(
  listed: readonly ListedBackup[],
  selector: BackupSelector,
  store: Pick<StoreName, 'flags'>,
  { cluster, damagedToo = false, now = new Date(), before }: SelectOptions = {},
): ListedBackup {
  const ofRelease = newestFirst(
    listed.filter(({ address }) => address.release === selector.release),
    cluster,
  );
  const candidates = cluster === undefined ? ofRelease : ownBackups(ofRelease, cluster);
  const moment = isIdPrefix(selector.id) ? undefined : momentOf(selector.id, now);
  const choice: Choice = { candidates, selector, store, cluster, damagedToo, moment, before };
  if (candidates.length === 0) throw noBackups(listed, ofRelease, choice);
  if (before !== undefined && (moment !== undefined || isIdPrefix(selector.id))) {
    throw new UsageError(
      `${selector.release}@${selector.id} names a backup: --before is for one that is not named`,
      { next: `${selector.release} --before ${before.said}` },
    );
  }
  if (selector.id === 'latest' || moment !== undefined) return newest(choice, 0);
  if (selector.id === 'previous') return newest(choice, 1);
  if (selector.id === 'healthy') return healthy(choice);
  return byId(choice, ofRelease);
}

/** Those that a word may mean, the newest first. */
export function meantByWord(
  candidates: readonly ListedBackup[],
  {
    cluster,
    damagedToo = false,
    moment,
    before,
  }: Pick<Choice, 'cluster' | 'moment' | 'before'> & LatestOptions,
): ListedBackup[] {
  return latestBackups(candidates, cluster, { damagedToo }).filter(({ address }) => {
    const at = timeOfId(address.id);
    return (moment === undefined || at <= moment.until) && (before === undefined || at < before.from);
  });
}

interface Choice {
  /** The newest first. */
  candidates: ListedBackup[];
  selector: BackupSelector;
  store: Pick<StoreName, 'flags'>;
  /** Undefined: the candidates are not one cluster's. */
  cluster: ClusterInUse | undefined;
  damagedToo: boolean;
  /** That the selector names. */
  moment: SaidMoment | undefined;
  before: SaidMoment | undefined;
}

function newest(choice: Choice, passOver: number): ListedBackup {
  const { candidates, selector, cluster } = choice;
  assertOneLocation(candidates, choice);
  const whole = meantByWord(candidates, choice);
  const found = whole[passOver];
  if (found !== undefined) return found;
  const oldest = latestBackups(candidates, cluster).at(-1);
  if (oldest !== undefined && whole.length === 0) throw noneThen(oldest, choice);
  const problem =
    whole.length === 0
      ? `no backup of ${selector.release} is complete and undamaged`
      : `there is only one complete backup of ${selector.release}, none before it`;
  const byName = candidates.find(({ damage }) => damage === undefined);
  throw new ToolError(`${problem}; there is ${name(candidates)}`, {
    next:
      byName === undefined
        ? listOfRelease(candidates, choice)
        : `name one by its id: ${selector.release}@${byName.address.id}`,
  });
}

function healthy(choice: Choice): ListedBackup {
  const { candidates, selector, before } = choice;
  assertOneLocation(candidates, choice);
  const fit = meantByWord(candidates, choice);
  const found = fit.find(({ summary }) => summary !== undefined && isHealthy(summary));
  if (found !== undefined) return found;
  const [first] = fit;
  const why = first?.summary === undefined ? undefined : whyUnhealthy(first.summary)[0];
  const newestOne = first === undefined ? '' : `; of the newest one, ${first.address.id}: ${why}`;
  const bound = before === undefined ? '' : ` before ${localTime(before.from)}`;
  throw new ToolError(
    `no backup of ${selector.release}${bound} was taken while the release was up${newestOne}`,
    { next: listOfRelease(candidates, choice) },
  );
}

/** All are younger than the moment that was said. */
function noneThen({ address }: ListedBackup, choice: Choice): ToolError {
  const { candidates, selector, moment, before } = choice;
  const then =
    before !== undefined
      ? `before ${localTime(before.from)}`
      : `at ${localTime(moment?.until ?? Number.NaN)}`;
  return new ToolError(
    `there was no backup of ${selector.release} ${then}; the oldest one is ${address.id}, taken ${localTime(timeOfId(address.id))}`,
    { next: listOfRelease(candidates, choice) },
  );
}

/** @throws UsageError where an id's beginning is that of several. */
function byId(choice: Choice, ofRelease: ListedBackup[]): ListedBackup {
  const { candidates, selector, damagedToo } = choice;
  const exact = candidates.filter(({ address }) => address.id === selector.id);
  const found =
    exact.length > 0 ? exact : candidates.filter(({ address }) => address.id.startsWith(selector.id));
  assertOneLocation(found, choice);
  if (found.length > 1 && exact.length === 0) {
    throw new UsageError(
      `"${selector.release}@${selector.id}" is the beginning of ${found.length} backups: ${name(found)}`,
      { next: 'more of the id' },
    );
  }
  const [backup] = found;
  if (backup === undefined) {
    const elsewhere = ofRelease.find(({ address }) => address.id === selector.id);
    throw new ToolError(
      elsewhere === undefined
        ? `there is no backup ${selector.release}@${selector.id}; there is ${name(candidates)}`
        : ofAnotherCluster(elsewhere, selector),
      { next: elsewhere === undefined ? listOfRelease(candidates, choice) : nameCluster(elsewhere) },
    );
  }
  if (backup.damage !== undefined && !damagedToo) {
    throw new DamagedBackup(
      backup.location,
      backup.damage,
      advice`choose another one: ${listOfRelease(candidates, choice)}`,
    );
  }
  return backup;
}

function noBackups(
  listed: readonly ListedBackup[],
  ofRelease: ListedBackup[],
  { selector, store, cluster }: Choice,
): ToolError {
  const [elsewhere] = ofRelease;
  if (elsewhere !== undefined) {
    return new ToolError(
      `the store holds no backup of ${selector.release} of this cluster (${cluster?.name})`,
      {
        next: nameCluster(elsewhere),
      },
    );
  }
  // A folder that can't be read has no release's name; the backup may be in it.
  const unreadable = listed.find(({ address, damage }) => address.release === '' && damage !== undefined);
  if (unreadable !== undefined) {
    return new ToolError(
      `no backup of ${selector.release} was found, but ${unreadable.location} could not be looked into: ${unreadable.damage}`,
      unreadable.next === undefined ? {} : { next: unreadable.next },
    );
  }
  return new ToolError(`there is no backup of ${selector.release}`, {
    next: advice`see what the store holds: ${listCommand(store)}`,
  });
}

function ofAnotherCluster({ address, location }: ListedBackup, selector: BackupSelector): string {
  return `${selector.release}@${selector.id} is a backup of another cluster, ${address.cluster} (${location})`;
}

function nameCluster({ address }: ListedBackup): string {
  return `to use a backup of the cluster ${address.cluster}, add --cluster-name ${address.cluster}`;
}

/** Backups of one name in several places are different releases; guessing would restore the wrong one. */
function assertOneLocation(backups: ListedBackup[], { selector: { release }, cluster }: Choice): void {
  const namespaces = new Set(backups.map(({ address }) => address.namespace));
  if (namespaces.size > 1) {
    throw new UsageError(
      `${release} has backups in several namespaces: ${[...namespaces].sort().join(', ')}`,
      {
        next: `name one: -n ${[...namespaces].sort()[0]}`,
      },
    );
  }
  const clusters = new Set(backups.map(({ address }) => address.cluster));
  if (cluster === undefined && clusters.size > 1) {
    throw new UsageError(`${release} has backups of several clusters: ${[...clusters].sort().join(', ')}`, {
      next: `name one: --cluster-name ${[...clusters].sort()[0]}`,
    });
  }
}

/** "20261122T101500Z (incomplete), 20261121T101500Z (damaged: …) and 3 more" */
function name(candidates: ListedBackup[]): string {
  const named = candidates.slice(0, NAMED).map((backup) => {
    const why = unfit(backup) ?? (isHollow(backup) ? 'holds nothing of memcached' : undefined);
    return why === undefined ? backup.address.id : `${backup.address.id} (${why})`;
  });
  const more = candidates.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function listOfRelease([candidate]: ListedBackup[], { selector, store }: Choice): Command {
  return listCommand(store, selector.release, candidate?.address.namespace);
}
