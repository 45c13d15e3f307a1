import { type Command, tool } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { type DriftedObject, releaseDrift } from '../../kube/release-drift.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { mayBeAtWork } from '../../model/helm/helm-operation.ts';
import { effectiveRevision, newestRevision } from '../../model/helm/helm-release.ts';
import { isBlocking } from '../../model/helm/restored-record.ts';
import { isBeingDeleted } from '../../model/kubernetes/deletion.ts';
import { leaseRef } from '../../model/kubernetes/lease.ts';
import { displayName, type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import { rolloutOf } from '../../model/kubernetes/rollout.ts';
import { isMemcachedWorkload, WORKLOAD_KINDS } from '../../model/kubernetes/workload.ts';
import { isAbandoned } from '../../restore/lease/release-lease.ts';
import { elsewhere } from '../../store/find/other-namespaces.ts';
import { commandAbout } from '../advised-release.ts';
import { backupOfChoice } from '../backup-of-choice.ts';
import { finding } from '../catalogue.ts';
import { templateChangedAt } from '../changed-at.ts';
import type { DoctorContext, ExaminedRelease } from '../doctor-context.ts';
import { lastLines } from '../log-lines.ts';
import { loggedContainer } from './blocking-reason.ts';
import { judgeBudgets } from './budget.ts';
import { judgeDrift } from './drifted.ts';
import { findWaysBack } from './find-ways-back.ts';
import { judgeHelmStatus } from './helm-status.ts';
import { judgeLiveSettings } from './live-settings.ts';
import type { LeaseSeen } from './mend-pending.ts';
import { judgePausedWorkloads } from './paused-workloads.ts';
import { judgePendingDeletions } from './pending-deletions.ts';
import { judgeReadAtStart } from './read-at-start.ts';
import { READERS } from './readers.ts';
import { judgeReleaseExists, type OtherPlace } from './release-exists.ts';
import type { PodSeen } from './revision-up.ts';
import { type RolloutSubject, rolloutSubjects } from './rollout-subject.ts';
import { type BlockedPod, blockedPods, judgeRollout } from './stuck.ts';
import { judgeUnreadConfigMaps } from './unread-config.ts';
import { judgeUnreadableRecords } from './unreadable-records.ts';
import { NO_WAY_BACK } from './ways-back.ts';

/** Pods whose logs are read: those of one workload tell the same. */
const LOGS_A_WORKLOAD = 2;
const LOG_LINES = 5;
/** memcached's clock begins so many seconds before the process (memcached.c: process_started). */
const UPTIME_AHEAD = 2;

/** Did the change arrive at the pods? */
export async function examineRollout(doctor: DoctorContext): Promise<Finding[]> {
  if (doctor.releases.length === 0) return nothingHere(doctor);
  const examined = await Promise.all(doctor.releases.map((release) => examineRelease(release, doctor)));
  const findings = examined.flatMap((each) => each.findings);
  const isWrong = findings.some(({ severity }) => severity === 'fail' || severity === 'warn');
  const subjects = examined.flatMap((each) => each.subjects).filter(({ pods }) => pods.length > 0);
  return isWrong || subjects.length === 0 ? findings : [...findings, arrived(subjects, doctor.now)];
}

/** Looked at only where it matters: while Helm's newest record says that an operation has not ended. */
async function leaseSeen(
  { live, namespace, name }: ExaminedRelease,
  doctor: DoctorContext,
): Promise<LeaseSeen> {
  const newest = newestRevision(live.history);
  if (newest === undefined || !isBlocking(newest)) return 'absent';
  const lease = await doctor.reader.get(leaseRef(namespace, name));
  if (lease === undefined || lease === 'absent') return lease;
  return { lease, abandoned: isAbandoned(lease) };
}

async function nothingHere({ reader, namespace }: DoctorContext): Promise<Finding[]> {
  const lists = await Promise.all(
    WORKLOAD_KINDS.map(([version, kind]) => reader.list(version, kind, namespace)),
  );
  if (lists.includes(undefined)) return [];
  const where = namespace === undefined ? 'the cluster' : `the namespace ${namespace}`;
  const count = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  return [
    finding('MB501', {
      summary: `nothing in ${where} runs memcached`,
      evidence: [{ text: `${count} Deployments, StatefulSets and DaemonSets were looked at` }],
    }),
  ];
}

async function examineRelease(
  release: ExaminedRelease,
  doctor: DoctorContext,
): Promise<{ subjects: RolloutSubject[]; findings: Finding[] }> {
  const { live, namespace, name } = release;
  const { now, reader } = doctor;
  // A store may be far away: it is asked only where something is to be brought back.
  const isBroughtBack = isGone(release) || live.classified.some(({ object }) => isBeingDeleted(object));
  const restore = isBroughtBack ? await restoreCommands(release, doctor) : [];
  const canList = WORKLOAD_KINDS.every(([version, kind]) => reader.canList(version, kind));
  const others = await otherPlaces(release, doctor);
  const [deleted] = judgeReleaseExists(release, canList, { restore, others });
  if (deleted !== undefined) return { subjects: [], findings: [deleted] };
  const [pods, replicaSets, budgets, ...readers] = await Promise.all([
    reader.list('v1', 'Pod', namespace),
    reader.list('apps/v1', 'ReplicaSet', namespace),
    reader.list('policy/v1', 'PodDisruptionBudget', namespace),
    ...READERS.map(([version, kind]) => reader.list(version, kind, namespace)),
  ]);
  const listed = { pods: pods ?? [], replicaSets: replicaSets ?? [] };
  const subjects = await rolloutSubjects(release, listed);
  const owned = live.classified.filter(({ role }) => role === 'owned').map(({ ref }) => ref);
  // A namespace that ends takes all of them with it, and is a finding of its own.
  const isEnding = live.namespace !== undefined && isBeingDeleted(live.namespace);
  const going = live.classified.filter(({ role }) => role === 'owned').map(({ object }) => object);
  const revision = effectiveRevision(live.history)?.revision ?? 0;
  const whole = { namespace, name };
  const seen = await Promise.all(subjects.map((subject) => seePods(subject, doctor)));
  const ways = isDown(release, seen, now)
    ? await findWaysBack(release, podsSeen(subjects), doctor)
    : NO_WAY_BACK;
  const found = seen.map(({ subject, blocked, events, logs }) =>
    judgeRollout({ ...subject, ways }, blocked, events, logs),
  );
  const canTellReaders = readers.every((list) => list !== undefined);
  return {
    subjects,
    findings: [
      ...(isEnding ? [] : judgePendingDeletions(going, whole, restore, now)),
      ...judgeHelmStatus(live.history, whole, owned, { now, lease: await leaseSeen(release, doctor), ways }),
      ...judgeUnreadableRecords(live.unreadable, whole),
      ...(live.history.length === 0 ? [] : judgeDrift(knownDrift(live), subjects, whole, revision)),
      ...found.flat(),
      ...subjects.flatMap((subject) => [
        ...judgePausedWorkloads(subject),
        ...judgeLiveSettings(subject),
        ...judgeBudgets(subject, budgets ?? []),
        ...judgeReadAtStart(subject, (kind, object) =>
          live.find({ apiVersion: 'v1', kind, namespace, name: object }),
        ),
      ]),
      ...(canTellReaders
        ? judgeUnreadConfigMaps(
            live.classified,
            readers.flatMap((list) => list ?? []),
            whole,
          )
        : []),
    ],
  };
}

/** Without objects of kinds, or versions, that the cluster does not serve: of those nobody can tell. */
function knownDrift(live: LiveRelease): DriftedObject[] {
  const unserved = new Set(live.unknownKinds.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));
  return releaseDrift(live).filter(({ ref }) => !unserved.has(`${ref.apiVersion} ${ref.kind}`));
}

/** What is seen of the pods of a workload. */
interface SeenPods {
  subject: RolloutSubject;
  blocked: BlockedPod[];
  events: KubeObject[];
  logs: Map<string, string[]>;
}

async function seePods(subject: RolloutSubject, { reader, now }: DoctorContext): Promise<SeenPods> {
  const { namespace } = subject.release;
  const events = (await reader.list('v1', 'Event', namespace)) ?? [];
  const blocked = blockedPods(subject.pods, events, now);
  return { subject, blocked, events, logs: await readLogs(blocked, namespace, reader) };
}

/** Whether anybody will want to go back: something keeps pods from getting on, or Helm's last operation is not whole. */
function isDown({ live }: ExaminedRelease, seen: readonly SeenPods[], now: Date): boolean {
  const newest = newestRevision(live.history);
  const isLeft = newest !== undefined && isBlocking(newest) && !mayBeAtWork(newest, now);
  return (
    newest?.status === 'failed' ||
    isLeft ||
    seen.some(({ subject, blocked }) => blocked.length > 0 || rolloutOf(subject.workload).failed)
  );
}

function podsSeen(subjects: readonly RolloutSubject[]): PodSeen[] {
  return subjects
    .filter(({ workload }) => isMemcachedWorkload(workload))
    .flatMap(({ ref, pods }) => pods.map(({ pod }) => ({ workload: displayName(ref), pod })));
}

/** Whether there is nothing of a release, or nothing but what Helm keeps of one that it uninstalled. */
function isGone({ live }: ExaminedRelease): boolean {
  const isEmpty = live.history.length === 0 && live.named.length === 0;
  return isEmpty || newestRevision(live.history)?.status === 'uninstalled';
}

/** The command that restores the release: none where there is no backup of it. */
async function restoreCommands(release: ExaminedRelease, doctor: DoctorContext): Promise<Command[]> {
  const chosen = backupOfChoice(await doctor.backupsOf(release), await doctor.cluster());
  if (chosen === undefined) return [];
  const subject = await doctor.advised(release);
  return [commandAbout({ ...subject, name: chosen.selector }, 'restore')];
}

/** Where else a release that is not here has backups; looked for only then. */
async function otherPlaces(
  { live, namespace, name }: ExaminedRelease,
  doctor: DoctorContext,
): Promise<OtherPlace[]> {
  if (live.history.length > 0 || live.named.length > 0) return [];
  const find = async (): Promise<OtherPlace[]> => {
    const places = await elsewhere(
      await doctor.store(),
      { release: name, namespace },
      await doctor.cluster(),
    );
    return [...places].map(([place, count]) => ({
      text: `the store holds ${count === 1 ? 'a backup' : `${count} backups`} of a release of this name in namespace ${place}`,
      look: tool('doctor', name, '-n', place),
    }));
  };
  return find().catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    return [];
  });
}

async function readLogs(
  blocked: readonly BlockedPod[],
  namespace: string,
  reader: DoctorContext['reader'],
): Promise<Map<string, string[]>> {
  const wanted = blocked.flatMap(({ pod, blocking }) => loggedContainer(pod, blocking) ?? []);
  const read = wanted.slice(0, LOGS_A_WORKLOAD).map(async ({ pod, container }) => {
    const log = await reader.log(namespace, pod, { container, tailLines: LOG_LINES });
    return [pod, lastLines(log ?? '', LOG_LINES)] as const;
  });
  return new Map(await Promise.all(read));
}

/** What was changed last, and that memcached was started after it. */
function arrived(subjects: readonly RolloutSubject[], now: Date): Finding {
  const pods = subjects.reduce((sum, each) => sum + each.pods.length, 0);
  const workloads = subjects.length === 1 ? displayName(subjects[0]!.ref) : `${subjects.length} workloads`;
  return finding('MB500', {
    summary: `${workloads}: ${pods === 1 ? 'the one pod is' : `all ${pods} pods are`} of the present template`,
    evidence: subjects.flatMap((subject) => arrivalOf(subject, now)),
    about: subjects.flatMap((subject) => [subject.ref, ...subject.pods.map(({ pod }) => refOf(pod))]),
  });
}

function arrivalOf({ workload, ref, uptimes }: RolloutSubject, now: Date): Evidence[] {
  const changed = templateChangedAt(workload);
  if (changed === undefined) return [];
  const longest = Math.max(...uptimes.values());
  const since = new Date(now.getTime() - (longest - UPTIME_AHEAD) * 1000);
  const proof =
    uptimes.size > 0 && since.getTime() >= Date.parse(changed)
      ? `, and memcached of every pod was started after it (uptime ${longest} s at most)`
      : '';
  return [{ text: `the template of ${displayName(ref)} was written${proof}`, at: changed }];
}
