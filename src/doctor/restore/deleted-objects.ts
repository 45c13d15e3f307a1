import { type Command, kubectl } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import type { KubeObject, ObjectRef } from '../../model/kubernetes/object.ts';
import { timeOfId } from '../../model/records/backup-id.ts';
import type { ClusterInUse } from '../../store/cluster-name.ts';
import type { ListedBackup } from '../../store/store.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import { backupOfChoice, type ChosenBackup } from '../backup-of-choice.ts';
import { finding } from '../catalogue.ts';
import { releaseMark } from '../release-mark.ts';

/** A namespace in which nothing can be restored for now. */
export function namespaceTerminating(namespace: KubeObject, name: string): Finding | undefined {
  if (stringAt(namespace, 'status', 'phase') !== 'Terminating') return undefined;
  const since = stringAt(namespace, 'metadata', 'deletionTimestamp');
  const remaining = arrayAt(namespace, 'status', 'conditions').filter(
    (condition) => stringAt(condition, 'status') === 'True',
  );
  return finding('MB440', {
    object: namespaceRef(name),
    summary: 'it is being deleted: nothing can be restored into it now',
    evidence: [
      { text: 'status.phase: Terminating', ...(since === undefined ? {} : { at: since }) },
      ...remaining.map((condition): Evidence => {
        const at = stringAt(condition, 'lastTransitionTime');
        return { text: stringAt(condition, 'message') ?? '', ...(at === undefined ? {} : { at }) };
      }),
    ],
    advice: [kubectl('get', 'namespace', name, '-w')],
  });
}

/** @param chosen of each of its releases in the store. */
export function namespaceDeleted(
  name: string,
  chosen: ChosenBackup[],
  subjectOf: (release: string) => AdvisedRelease,
): Finding {
  return finding('MB441', {
    object: namespaceRef(name),
    summary: `it does not exist; the store holds backups of ${chosen.map(({ backup }) => backup.address.release).join(', ')} in it`,
    evidence: chosen.map(({ backup }) => backupEvidence(backup)),
    advice: chosen.map(({ backup }) => restoreOf(backup, subjectOf(backup.address.release))),
  });
}

/** @param backup that is to be restored. */
export function releaseDeleted(backup: ListedBackup, subject: AdvisedRelease): Finding {
  return finding('MB442', {
    release: releaseOf(subject),
    summary: `nothing of ${subject.name} is in namespace ${subject.namespace}; the store holds a backup of it`,
    evidence: [backupEvidence(backup)],
    advice: [restoreOf(backup, subject)],
    about: [namespaceRef(subject.namespace), releaseMark(subject)],
  });
}

/** @param chosen of each release that the store knows and the cluster has not. */
export function onlyInStore(
  chosen: ChosenBackup[],
  subjectOf: (backup: ListedBackup) => AdvisedRelease,
): Finding {
  const names = chosen.map(({ backup }) => backup.address.release);
  return finding('MB443', {
    summary: `the store holds backups of ${names.length === 1 ? 'a release' : `${names.length} releases`} that ${names.length === 1 ? 'is' : 'are'} not here: ${names.join(', ')}`,
    evidence: chosen.map(({ backup }) => backupEvidence(backup)),
    advice: chosen.map(({ backup }) => restoreOf(backup, subjectOf(backup))),
  });
}

/** By its id: what is restored is the backup that the finding names, whatever is taken meanwhile. */
function restoreOf({ address }: ListedBackup, subject: AdvisedRelease): Command {
  return commandAbout({ ...subject, name: `${address.release}@${address.id}` }, 'restore');
}

/** What to restore of each release of the cluster in use, in the order of their names. */
export function chosenOfEach(backups: readonly ListedBackup[], cluster: ClusterInUse): ChosenBackup[] {
  const groups = Map.groupBy(backups, ({ address }) => `${address.namespace}/${address.release}`);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => backupOfChoice(group, cluster) ?? []);
}

function backupEvidence({ address }: ListedBackup): Evidence {
  const at = timeOfId(address.id);
  return {
    text: `backup ${address.release}@${address.id}`,
    ...(Number.isNaN(at) ? {} : { at: new Date(at).toISOString() }),
  };
}

function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}
