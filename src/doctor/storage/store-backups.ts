import type { Advice } from '../../advice/advice.ts';
import { type Command, placeholder, tool } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { timeOfId } from '../../model/records/backup-id.ts';
import { formatAge } from '../../output/age.ts';
import { sizeInWords } from '../../output/byte-size.ts';
import { isHollow, latestBackups, newestFirst, unfit } from '../../store/find/latest-backups.ts';
import type { ListedBackup } from '../../store/store.ts';
import { type AdvisedRelease, commandAbout } from '../advised-release.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';

/** A release whose backups are looked at. */
interface StoredRelease extends AdvisedRelease {
  /** Nothing of it is in the cluster. */
  isGone: boolean;
}

const DAY = 24 * 60 * 60 * 1000;

/** A week, the longest interval that backup guides name, and a day of grace. */
const OLD_AFTER = 8 * DAY;

/** Backups before the newest that it is compared with; below the lower number nothing can be called usual. */
const COMPARED = { least: 3, most: 7 };

/**
 * The newest backup of one release and those before it. Safety backups don't count: restores take them when they
 * like.
 * @param backups of the release and this cluster, in any order, and folders that may hold some and can't be read.
 * @returns findings, and in a few words what there is.
 */
export function judgeBackups(
  backups: readonly ListedBackup[],
  release: StoredRelease,
  now: Date,
): { findings: Finding[]; said: string } {
  const sorted = newestFirst(
    backups
      .filter(({ address }) => address.id !== '')
      .filter(({ summary, damage }) => damage !== undefined || summary?.kind === 'backup'),
  );
  const [newest] = sorted;
  if (newest === undefined && backups.some(({ address }) => address.id === '')) {
    return { findings: [], said: `nobody can tell whether there is a backup of ${release.name}` };
  }
  if (newest === undefined) {
    const none = about('MB350', release, {
      summary: `the store holds no backup of ${release.name}`,
      advice: backUp(release),
    });
    return { findings: [none], said: `no backup of ${release.name}` };
  }
  const age = now.getTime() - timeOfId(newest.address.id);
  const said = `the newest backup of ${release.name} is ${formatAge(age)} old${newest.verification === undefined ? '' : ' and verified'}`;
  if (newest.damage !== undefined) return { findings: [damaged(newest, release)], said };
  const findings = [
    ...(newest.summary?.complete === false ? [incomplete(newest, release)] : []),
    ...(isPassedOver(newest, sorted) ? [hollow(newest, release)] : []),
    ...(age > OLD_AFTER ? [old(newest, release)] : []),
    ...(newest.verification === undefined ? [unverified(release)] : []),
    ...sizeFindings(newest, sorted.slice(1), release),
  ];
  return { findings, said };
}

export function bytesOf({ summary }: ListedBackup): number {
  return summary?.bytes ?? 0;
}

function damaged(newest: ListedBackup, release: StoredRelease): Finding {
  return about('MB352', release, {
    summary: `the newest backup of ${release.name}, ${newest.address.id}, is damaged`,
    evidence: [{ ...momentOf(newest), text: `${newest.location}: ${newest.damage}` }],
    advice: [...backUp(release), commandAbout(release, 'list')],
  });
}

function incomplete(newest: ListedBackup, release: StoredRelease): Finding {
  const skipped = newest.summary?.skipped ?? [];
  // Nothing was in the way: a whole one has to be sealed, or kept elsewhere.
  const isAsAsked = skipped.length > 0 && skipped.every(({ asked }) => asked === true);
  return about('MB353', release, {
    summary: `the newest backup of ${release.name}, ${newest.address.id}, is incomplete`,
    evidence: skipped.map(({ what, why }) => ({ text: `${what}: ${why}` })),
    advice: isAsAsked
      ? [commandAbout(release, 'backup', '--encrypt-to', placeholder('recipient'))]
      : [tool('permissions', 'backup', '-n', release.namespace, '--check'), commandAbout(release, 'backup')],
  });
}

/** What is gone can't be backed up. */
function backUp(release: StoredRelease): Command[] {
  return release.isGone ? [] : [commandAbout(release, 'backup')];
}

/** Whether `latest` is an older one, because this one holds nothing of memcached. */
function isPassedOver(newest: ListedBackup, backups: ListedBackup[]): boolean {
  return (
    newest.summary?.complete === true &&
    isHollow(newest) &&
    !latestBackups(backups, undefined).includes(newest)
  );
}

function hollow(newest: ListedBackup, release: StoredRelease): Finding {
  const text = 'latest passes over it, and means the newest one that holds a workload or a pod';
  return about('MB353', release, {
    summary: `the newest backup of ${release.name}, ${newest.address.id}, holds nothing of memcached`,
    evidence: [{ ...momentOf(newest), text }],
    advice: [...backUp(release), commandAbout(release, 'list')],
  });
}

function old(newest: ListedBackup, release: StoredRelease): Finding {
  return about('MB351', release, {
    summary: `the newest backup of ${release.name} is older than ${OLD_AFTER / DAY} days`,
    evidence: [{ ...momentOf(newest), text: newest.location }],
    advice: backUp(release),
  });
}

function unverified(release: StoredRelease): Finding {
  return about('MB354', release, {
    summary: `the newest backup of ${release.name} was never verified`,
    advice: [commandAbout(release, 'verify')],
  });
}

function sizeFindings(newest: ListedBackup, before: ListedBackup[], release: StoredRelease): Finding[] {
  const usual = before.filter((backup) => unfit(backup) === undefined).slice(0, COMPARED.most);
  if (usual.length < COMPARED.least) return [];
  const objectsOf = ({ summary }: ListedBackup): number => summary?.objects ?? 0;
  const objects = { now: objectsOf(newest), usual: median(usual.map(objectsOf)) };
  const bytes = { now: bytesOf(newest), usual: median(usual.map(bytesOf)) };
  const evidence = [
    {
      ...momentOf(newest),
      text: `${objects.now} objects, ${sizeInWords(bytes.now)}; at the median of ${usual.length} before it ${objects.usual} objects, ${sizeInWords(bytes.usual)}`,
    },
  ];
  if (objects.now < objects.usual / 2 || bytes.now < bytes.usual / 4) {
    const advice = [commandAbout(release, 'diff'), commandAbout(release, 'show')];
    return [about('MB355', release, { summary: `backups of ${release.name} shrink`, evidence, advice })];
  }
  if (bytes.now > bytes.usual * 4 && bytes.now > bytes.usual + 256 * 1024) {
    const advice = [commandAbout(release, 'show', '-o', 'wide')];
    return [about('MB356', release, { summary: `backups of ${release.name} grow`, evidence, advice })];
  }
  return [];
}

/** Of an even number the lower one of the two in the middle. */
function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)]!;
}

function about(
  code: Parameters<typeof finding>[0],
  release: StoredRelease,
  text: { summary: string; evidence?: Evidence[]; advice: Advice[] },
): Finding {
  const { namespace, name } = release;
  return finding(code, { ...text, release: { namespace, name }, about: [releaseMark(release)] });
}

function momentOf({ address }: ListedBackup): Pick<Evidence, 'at'> {
  const at = timeOfId(address.id);
  // An id may look like a moment and be none: the 32nd of a month.
  return Number.isNaN(at) ? {} : { at: new Date(at).toISOString() };
}
