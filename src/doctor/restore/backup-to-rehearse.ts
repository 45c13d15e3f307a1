import type { Advice } from '../../advice/advice.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { Finding } from '../../model/findings/finding.ts';
import type { ClusterInUse } from '../../store/cluster-name.ts';
import { newestFirst, newestRestorable } from '../../store/find/latest-backups.ts';
import { ownBackups } from '../../store/find/own-backups.ts';
import { selectBackup } from '../../store/find/select-backup.ts';
import type { ListedBackup } from '../../store/store.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';

/**
 * The backup that `restore RELEASE` would take, or why there is none.
 * @param backups of the release in its namespace, in any order.
 * @param cluster the one in use; undefined where it can't be told.
 * @param isHere whether the release is: of one that is not, no backup can be taken.
 */
export function backupToRehearse(
  backups: ListedBackup[],
  cluster: ClusterInUse | undefined,
  subject: AdvisedRelease,
  isHere: boolean,
): ListedBackup | Finding {
  const { name, store } = subject;
  const takeOne = isHere ? [commandAbout(subject, 'backup')] : [];
  const about = [releaseMark(subject)];
  const here = cluster === undefined ? backups : ownBackups(backups, cluster);
  const elsewhere = [...new Set(backups.map(({ address }) => address.cluster))];
  if (backups.length > 0 && here.length === 0) {
    // Of another cluster, and so by its id alone.
    const { address } = newestRestorable(backups, undefined)?.backup ?? newestFirst(backups)[0]!;
    const theirs = { ...subject, name: `${name}@${address.id}`, clusterName: address.cluster };
    return finding('MB403', {
      release: releaseOf(subject),
      summary: `all backups of ${name} are of another cluster`,
      evidence: [{ text: `this cluster is ${cluster?.name}; the store has ${elsewhere.join(', ')}` }],
      advice: [...takeOne, commandAbout(theirs, 'restore')],
      about,
    });
  }
  try {
    return selectBackup(here, { release: name, id: 'latest' }, { flags: store }, { cluster });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return nothingToRestoreFrom(error.message, subject, ...takeOne);
  }
}

export function nothingToRestoreFrom(why: string, subject: AdvisedRelease, ...advice: Advice[]): Finding {
  return finding('MB401', {
    release: releaseOf(subject),
    summary: `there is nothing to restore ${subject.name} from`,
    evidence: [{ text: why }],
    advice,
    about: [releaseMark(subject)],
  });
}
