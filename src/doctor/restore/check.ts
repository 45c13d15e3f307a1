import { mapLimited } from '../../errors/map-limited.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { newestRevision } from '../../model/helm/helm-release.ts';
import { leaseRef } from '../../model/kubernetes/lease.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import { WORKLOAD_KINDS } from '../../model/kubernetes/workload.ts';
import type { ListedJournal } from '../../model/records/journal.ts';
import { isAbandoned } from '../../restore/lease/release-lease.ts';
import { openUndoStore } from '../../session/open-undo-store.ts';
import type { ClusterInUse } from '../../store/cluster-name.ts';
import { ownFolders, ownJournals } from '../../store/find/own-backups.ts';
import { DamagedBackup } from '../../store/format/damage.ts';
import type { ListedBackup } from '../../store/store.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import { backupOfChoice } from '../backup-of-choice.ts';
import { finding } from '../catalogue.ts';
import type { DoctorContext, ExaminedRelease } from '../doctor-context.ts';
import { inOneLine, notesTogether } from '../together.ts';
import { helmAtWork, restoreAtWork } from './at-work.ts';
import { backupToRehearse, nothingToRestoreFrom } from './backup-to-rehearse.ts';
import {
  chosenOfEach,
  namespaceDeleted,
  namespaceTerminating,
  onlyInStore,
  releaseDeleted,
} from './deleted-objects.ts';
import { judgeDifferingSettings, judgeUnhealthyLatest } from './differing-settings.ts';
import { judgeLeftForRestart } from './left-for-restart.ts';
import { planInWords } from './plan-in-words.ts';
import { judgeUnservedKinds, otherOwners, plannedChanges } from './planned-changes.ts';
import { lackingPermissions, refusedWrites } from './refused-writes.ts';

/** Releases rehearsed at once: each asks the server to try all of its objects at the same time. */
const AT_ONCE = 4;

/** What the store says, for every release. */
interface Archive {
  /** Or why they can't be listed. */
  backups: ListedBackup[] | ToolError;
  cluster: ClusterInUse | undefined;
  subjectOf(release: { namespace: string; name: string }): AdvisedRelease;
}

/** Would a restore work now? The newest backup of each release is rehearsed; nothing is written. */
export async function examineRestore(doctor: DoctorContext): Promise<Finding[]> {
  // Where no store can be opened there is nothing to say here.
  await doctor.store();
  const [cluster, here] = await Promise.all([
    doctor.cluster(),
    doctor.advised({ namespace: doctor.namespace ?? '', name: '' }),
  ]);
  const subjectOf = ({ namespace, name }: { namespace: string; name: string }): AdvisedRelease => ({
    ...here,
    namespace,
    name,
  });
  const backups = await doctor.backups().catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    return error;
  });
  const archive: Archive = { backups, cluster, subjectOf };
  const examined = await mapLimited(doctor.releases, AT_ONCE, (release) =>
    examineOne(release, archive, doctor),
  );
  const elsewhere = await beyondTheReleases(doctor, archive);
  const found = [...examined.flatMap(({ findings }) => findings), ...elsewhere];
  const rehearsed = examined.flatMap(({ said }) => said ?? []);
  const isClean = !found.some(({ severity }) => severity === 'fail' || severity === 'warn');
  if (isClean && rehearsed.length > 0) found.push(finding('MB400', inOneLine(rehearsed, countRehearsed)));
  return notesTogether(found);
}

function countRehearsed(count: number): string {
  return `restores of the newest backups of ${count} releases would work`;
}

async function examineOne(
  release: ExaminedRelease,
  archive: Archive,
  doctor: DoctorContext,
): Promise<{ findings: Finding[]; said?: string }> {
  const subject = archive.subjectOf(release);
  const { live } = release;
  const terminating = live.namespace && namespaceTerminating(live.namespace, release.namespace);
  if (terminating !== undefined) return { findings: [terminating] };
  const working = atWorkOn(release, archive, doctor);
  if (!Array.isArray(archive.backups)) {
    return { findings: [...(await working), nothingToRestoreFrom(archive.backups.message, subject)] };
  }
  const own = await doctor.backupsOf(release);
  const { cluster } = archive;
  const isGone = isDeleted(release);
  const backup = backupToRehearse(own, cluster, subject, !isGone);
  if (!('address' in backup)) return { findings: [...(await working), backup] };
  const chosen = backupOfChoice(own, cluster)?.backup ?? backup;
  const deleted = isGone ? [releaseDeleted(chosen, subject)] : [];
  const scene: Scene = { release, subject, own, cluster, doctor };
  const [atWork, rehearsed] = await Promise.all([working, rehearseOne(backup, scene)]);
  return {
    ...rehearsed,
    findings: [
      ...atWork,
      ...deleted,
      ...judgeUnhealthyLatest(backup, own, cluster, subject),
      ...rehearsed.findings,
    ],
  };
}

/** What a backup is rehearsed in. */
interface Scene {
  release: ExaminedRelease;
  subject: AdvisedRelease;
  /** The release's backups. */
  own: ListedBackup[];
  cluster: ClusterInUse | undefined;
  doctor: DoctorContext;
}

async function rehearseOne(
  backup: ListedBackup,
  scene: Scene,
): Promise<{ findings: Finding[]; said?: string }> {
  const { release, subject, doctor } = scene;
  const what = `a restore of ${subject.name}@${backup.address.id}`;
  try {
    const rehearsal = await doctor.rehearse(release, backup.address);
    const [empty] = rehearsal.refusals.backup;
    if (empty !== undefined) return { findings: [nothingToRestoreFrom(empty, subject)] };
    return {
      findings: [
        ...judgeUnservedKinds(rehearsal, subject),
        ...refusedWrites(rehearsal, subject),
        ...plannedChanges(rehearsal, subject),
        ...otherOwners(rehearsal, release.live, subject),
        ...helmAtWork(rehearsal, subject),
        ...judgeDifferingSettings(rehearsal, backup, subject, doctor.now),
        ...(await lackingPermissions(rehearsal, subject, () => doctor.subject())),
      ],
      said: `${what} would work: ${planInWords(rehearsal.plan)}`,
    };
  } catch (error) {
    if (error instanceof DamagedBackup) return { findings: [damaged(error, backup, scene)] };
    if (!(error instanceof ToolError)) throw error;
    doctor.reader.note({ what, why: error.message });
    return { findings: [] };
  }
}

function damaged(error: DamagedBackup, backup: ListedBackup, { subject, own, cluster }: Scene): Finding {
  const { name } = subject;
  const { address, location } = backup;
  const other = backupOfChoice(
    own.filter((each) => each !== backup),
    cluster,
  )?.backup.address;
  return finding('MB402', {
    release: releaseOf(subject),
    summary: `the newest backup of ${name}, ${address.id}, can’t be restored`,
    evidence: [{ text: `${location}: ${error.damage}` }],
    advice: [
      commandAbout({ ...subject, name: `${name}@${address.id}` }, 'verify'),
      ...(other === undefined ? [] : [commandAbout({ ...subject, name: `${name}@${other.id}` }, 'restore')]),
    ],
  });
}

/** A restore or undo of the release that is under way, or was cut off. */
async function atWorkOn(
  release: ExaminedRelease,
  { backups, cluster, subjectOf }: Archive,
  doctor: DoctorContext,
): Promise<Finding[]> {
  const { namespace, name, live } = release;
  const readJournals = async (): Promise<ListedJournal[]> => {
    if (cluster === undefined || !Array.isArray(backups)) return [];
    const folders = ownFolders(backups, cluster);
    const undoStore = await openUndoStore(doctor.session);
    const found = await ownJournals(folders, { namespace, release: name }, (address) =>
      undoStore.journals(address),
    );
    return found.map(({ listed }) => listed);
  };
  const [found, journals] = await Promise.all([
    doctor.reader.get(leaseRef(namespace, name)),
    doctor.reader.try(`the journals of ${name}`, readJournals),
  ]);
  const lease: KubeObject | undefined = found === 'absent' ? undefined : found;
  const abandoned = lease !== undefined && isAbandoned(lease);
  const own = await doctor.backupsOf(release);
  const chosen = backupOfChoice(own, cluster);
  const subject = subjectOf(release);
  const atWork = restoreAtWork(
    {
      lease,
      abandoned,
      journals: journals ?? [],
      newest: newestRevision(live.history),
      backups: own,
      healthy: chosen?.healthy === true ? chosen : undefined,
    },
    subject,
  );
  return [...atWork, ...judgeLeftForRestart(journals ?? [], live, subject)];
}

/** Namespaces and releases that the store knows and the cluster has not. */
async function beyondTheReleases(
  doctor: DoctorContext,
  { backups, cluster, subjectOf }: Archive,
): Promise<Finding[]> {
  const { namespace, reader, releases } = doctor;
  const here = Array.isArray(backups) && cluster !== undefined ? chosenOfEach(backups, cluster) : [];
  const subjectOfBackup = ({ address }: ListedBackup): AdvisedRelease =>
    subjectOf({ namespace: address.namespace, name: address.release });
  if (namespace !== undefined) {
    const [release] = releases;
    const place =
      release === undefined
        ? await reader.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
        : (release.live.namespace ?? 'absent');
    if (place === undefined) return [];
    if (place === 'absent') {
      return here.length === 0
        ? []
        : [namespaceDeleted(namespace, here, (name) => subjectOf({ namespace, name }))];
    }
    const terminating = release === undefined ? namespaceTerminating(place, namespace) : undefined;
    if (terminating !== undefined) return [terminating];
  }
  if (doctor.names.length > 0 || !canSeeWorkloads(doctor)) return [];
  const deleted = here.filter(
    ({ backup: { address } }) =>
      !releases.some(({ namespace: place, name }) => place === address.namespace && name === address.release),
  );
  return deleted.length === 0 ? [] : [onlyInStore(deleted, subjectOfBackup)];
}

/** Whether a release that is not found is not there. */
function canSeeWorkloads({ reader }: DoctorContext): boolean {
  return WORKLOAD_KINDS.every(([apiVersion, kind]) => reader.canList(apiVersion, kind));
}

function isDeleted({ live }: ExaminedRelease): boolean {
  const { history, classified, denied, historyDenied, unreadable } = live;
  return [history, classified, denied, historyDenied, unreadable].every(({ length }) => length === 0);
}
