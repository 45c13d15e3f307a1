import { mapLimited } from '../../errors/map-limited.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { leaseRef } from '../../model/kubernetes/lease.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import { WORKLOAD_KINDS } from '../../model/kubernetes/workload.ts';
import type { Rehearsal } from '../../model/plan/rehearsal.ts';
import type { ListedJournal } from '../../model/records/journal.ts';
import { isAbandoned } from '../../restore/lease/release-lease.ts';
import { rehearse } from '../../restore/rehearse.ts';
import { openUndoStore } from '../../session/open-undo-store.ts';
import type { ClusterInUse } from '../../store/cluster-name.ts';
import { ownFolders, ownJournals } from '../../store/find/own-backups.ts';
import { DamagedBackup } from '../../store/format/damage.ts';
import type { BackupAddress, ListedBackup } from '../../store/store.ts';
import { type AdvisedRelease, commandAbout, releaseOf } from '../advised-release.ts';
import { finding } from '../catalogue.ts';
import type { AreaCheck, DoctorContext, ExaminedRelease } from '../doctor-context.ts';
import { inOneLine, notesTogether } from '../together.ts';
import { helmAtWork, restoreAtWork } from './at-work.ts';
import { backupToRehearse, nothingToRestoreFrom } from './backup-to-rehearse.ts';
import {
  namespaceDeleted,
  namespaceTerminating,
  newestOfEach,
  onlyInStore,
  releaseDeleted,
} from './deleted-objects.ts';
import { planInWords } from './plan-in-words.ts';
import { judgeUnservedKinds, otherOwners, plannedChanges } from './planned-changes.ts';
import { lackingPermissions, refusedWrites } from './refused-writes.ts';

/** Releases rehearsed at once: each asks the server to try all of its objects at the same time. */
const AT_ONCE = 4;

/** Would a restore work now? The newest backup of each release is rehearsed; nothing is written. */
export const restoreCheck: AreaCheck = { area: 'restore', kinds: [], examine: examineRestore };

/** What the store says, for every release. */
interface Archive {
  /** Or why they can't be listed. */
  backups: ListedBackup[] | ToolError;
  cluster: ClusterInUse | undefined;
  subjectOf(release: { namespace: string; name: string }): AdvisedRelease;
}

async function examineRestore(doctor: DoctorContext): Promise<Finding[]> {
  const [store, cluster] = await Promise.all([doctor.store(), doctor.cluster()]);
  const subjectOf = ({ namespace, name }: { namespace: string; name: string }): AdvisedRelease => ({
    namespace,
    name,
    store: store.flags,
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
  const working = atWorkOn(subject, archive, doctor);
  if (!Array.isArray(archive.backups)) {
    return { findings: [...(await working), nothingToRestoreFrom(archive.backups.message, subject)] };
  }
  const own = archive.backups.filter(
    ({ address }) => address.namespace === release.namespace && address.release === release.name,
  );
  const backup = backupToRehearse(own, archive.cluster, subject);
  if (!('address' in backup)) return { findings: [...(await working), backup] };
  const deleted = isDeleted(release) ? [releaseDeleted(backup, subject)] : [];
  const [atWork, rehearsed] = await Promise.all([working, rehearseOne(release, backup, subject, doctor)]);
  return { ...rehearsed, findings: [...atWork, ...deleted, ...rehearsed.findings] };
}

async function rehearseOne(
  release: ExaminedRelease,
  backup: ListedBackup,
  subject: AdvisedRelease,
  doctor: DoctorContext,
): Promise<{ findings: Finding[]; said?: string }> {
  const what = `a restore of ${subject.name}@${backup.address.id}`;
  try {
    const rehearsal = await rehearseBackup(release, backup.address, doctor);
    const [empty] = rehearsal.refusals.backup;
    if (empty !== undefined) return { findings: [nothingToRestoreFrom(empty, subject)] };
    return {
      findings: [
        ...judgeUnservedKinds(rehearsal, subject),
        ...refusedWrites(rehearsal, subject),
        ...plannedChanges(rehearsal, subject),
        ...otherOwners(rehearsal, release.live, subject),
        ...helmAtWork(rehearsal, subject),
        ...lackingPermissions(rehearsal, subject),
      ],
      said: `${what} would work: ${planInWords(rehearsal.plan)}`,
    };
  } catch (error) {
    if (error instanceof DamagedBackup) return { findings: [damaged(error, backup, subject)] };
    if (!(error instanceof ToolError)) throw error;
    doctor.reader.note({ what, why: error.message });
    return { findings: [] };
  }
}

/** @throws ToolError: DamagedBackup, or what the API server says. */
async function rehearseBackup(
  { live, observe }: ExaminedRelease,
  address: BackupAddress,
  { kube, inventory, session }: DoctorContext,
): Promise<Rehearsal> {
  const [store, observed] = await Promise.all([session.store(), observe()]);
  const livePods = observed.map(({ settings }) => settings);
  return rehearse({ kube, store, inventory, live, livePods }, address, session);
}

function damaged(
  error: DamagedBackup,
  { address, location }: ListedBackup,
  subject: AdvisedRelease,
): Finding {
  const { name } = subject;
  return finding('MB402', {
    release: releaseOf(subject),
    summary: `the newest backup of ${name}, ${address.id}, can’t be restored`,
    evidence: [{ text: `${location}: ${error.damage}` }],
    advice: [
      commandAbout({ ...subject, name: `${name}@${address.id}` }, 'verify'),
      commandAbout({ ...subject, name: `${name}@previous` }, 'restore'),
    ],
  });
}

/** A restore or undo of the release that is under way, or was cut off. */
async function atWorkOn(
  subject: AdvisedRelease,
  { backups, cluster }: Archive,
  doctor: DoctorContext,
): Promise<Finding[]> {
  const { namespace, name } = subject;
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
  return restoreAtWork({ lease, abandoned, journals: journals ?? [] }, subject);
}

/** Namespaces and releases that the store knows and the cluster has not. */
async function beyondTheReleases(
  doctor: DoctorContext,
  { backups, cluster, subjectOf }: Archive,
): Promise<Finding[]> {
  const { namespace, reader, releases } = doctor;
  const here = Array.isArray(backups) && cluster !== undefined ? newestOfEach(backups, cluster) : [];
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
