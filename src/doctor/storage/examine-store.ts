import { type Command, tool } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import type { ClusterInUse } from '../../store/cluster-name.ts';
import { newestFirst } from '../../store/find/latest-backups.ts';
import { ownBackups } from '../../store/find/own-backups.ts';
import type { BackupAddress, ListedBackup, Store, StoreCondition } from '../../store/store.ts';
import { MissingStore, troubleOf } from '../../store/store-error.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';
import { inOneLine, notesTogether } from '../together.ts';
import { bytesOf, judgeBackups } from './store-backups.ts';
import { judgeCondition } from './store-condition.ts';
import { codeOfTrouble } from './store-trouble.ts';

/** A release that should have backups. */
export interface WantedRelease {
  namespace: string;
  name: string;
  /** Nothing of it is in the cluster: no backup can be taken. */
  isGone?: boolean;
}

/** What is looked for in a store. */
export interface StoreQuestion {
  store: Store;
  /** Every backup that may matter. May throw a ToolError. */
  backups: () => Promise<ListedBackup[]>;
  /** The releases that should have backups; undefined where no cluster says which there are. */
  releases: readonly WantedRelease[] | undefined;
  /** The one in use; undefined where it can't be told: backups of every cluster count. */
  cluster: ClusterInUse | undefined;
  now: Date;
}

export interface ExaminedStore {
  findings: Finding[];
  /** What is to be said of it where nothing is wrong. */
  said: { summary: string; evidence?: Evidence[] };
}

/** The store itself, and the backups of each release in it. Needs no cluster. */
export async function examineStore(question: StoreQuestion): Promise<ExaminedStore> {
  const { store, releases, cluster, now } = question;
  const { location } = store;
  let backups: ListedBackup[];
  let condition: StoreCondition;
  try {
    backups = await question.backups();
    condition = await store.condition();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { findings: [unreadable(error, question)], said: { summary: `no store at ${location}` } };
  }
  const ofCluster = cluster === undefined ? backups : ownBackups(backups, cluster);
  const wanted: readonly WantedRelease[] = releases ?? releasesIn(ofCluster);
  const judged = wanted.map(({ namespace, name, isGone = false }) =>
    judgeBackups(
      ofCluster.filter(({ address }) => mayBeOf(address, namespace, name)),
      {
        namespace,
        name,
        isGone,
        store: store.flags,
        keys: store.keyFlags ?? [],
        // One that is named by nothing but --cluster-name.
        clusterName: cluster?.identity === undefined ? cluster?.name : undefined,
      },
      now,
    ),
  );
  const ofReleases = inOneLine(
    judged.map(({ said }) => said),
    (count) => `the newest backups of ${count} releases are in order`,
  );
  const newest = newestFirst(ofCluster).find(bytesOf);
  return {
    findings: [
      ...judgeCondition(condition, location, newest === undefined ? 0 : bytesOf(newest)),
      ...unreadableFolders(backups),
      ...notesTogether(judged.flatMap(({ findings }) => findings)),
    ],
    said: {
      ...ofReleases,
      summary: [`the store ${location} can be written`, ...nonEmpty(ofReleases.summary)].join('; '),
    },
  };
}

function nonEmpty(text: string): string[] {
  return text === '' ? [] : [text];
}

function unreadable(error: ToolError, { store, releases }: StoreQuestion): Finding {
  const about = (releases ?? []).map(releaseMark);
  if (error instanceof MissingStore) {
    return finding('MB341', {
      summary: `there is no store at ${store.location} yet`,
      advice: firstBackups(releases ?? [], store),
      about,
    });
  }
  const trouble = troubleOf(error);
  return finding(trouble === undefined ? 'MB340' : codeOfTrouble(trouble), {
    summary: `the store ${store.location} can’t be read`,
    evidence: [{ text: error.message }],
    advice: [...(error.next === undefined ? [] : [error.next]), ...(trouble?.commands ?? [])],
    about,
  });
}

/** Nothing where there is nothing to back up, or no cluster says what there is. */
function firstBackups(releases: readonly WantedRelease[], { flags }: Store): Command[] {
  const there = releases.filter(({ isGone }) => isGone !== true);
  const [namespace, ...others] = new Set(there.map((each) => each.namespace));
  if (namespace === undefined) return [];
  return [tool('backup', ...(others.length === 0 ? ['-n', namespace] : ['-A']), ...flags)];
}

/** Folders within the store that nobody may look into: backups may be in them. */
function unreadableFolders(backups: ListedBackup[]): Finding[] {
  const folders = backups.filter(({ address, damage }) => address.id === '' && damage !== undefined);
  if (folders.length === 0) return [];
  return [
    finding('MB340', {
      summary: 'a part of the store can’t be read',
      evidence: folders.map(({ location, damage }) => ({ text: `${location}: ${damage}` })),
      advice: folders.flatMap(({ next }) => (next === undefined ? [] : [next])),
    }),
  ];
}

/** A folder that can't be read has no more parts than were read above it. */
function mayBeOf(address: BackupAddress, namespace: string, release: string): boolean {
  return ['', namespace].includes(address.namespace) && ['', release].includes(address.release);
}

function releasesIn(backups: ListedBackup[]): { namespace: string; name: string }[] {
  const found = new Map(
    backups
      .filter(({ address }) => address.release !== '')
      .map(({ address: { namespace, release } }) => [
        `${namespace}/${release}`,
        { namespace, name: release },
      ]),
  );
  return [...found.values()];
}
