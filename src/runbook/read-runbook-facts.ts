import { resolve } from 'node:path';
import { tool } from '../advice/command.ts';
import type { DoctorContext, ExaminedRelease } from '../doctor/doctor-context.ts';
import { openDoctorContext } from '../doctor/open-doctor-context.ts';
import { releaseDrills } from '../doctor/release-drills.ts';
import { mapLimited } from '../errors/map-limited.ts';
import { ToolError } from '../errors/tool-error.ts';
import { checklistOf, checklistOfAll } from '../model/checklist/checklist.ts';
import { effectiveRevision, type HelmRevision, newestRevision } from '../model/helm/helm-release.ts';
import { objectAt, stringAt } from '../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../model/kubernetes/object.ts';
import { isMemcachedWorkload, replicasOf } from '../model/kubernetes/workload.ts';
import { timeOfId } from '../model/records/backup-id.ts';
import type { DrillReport } from '../model/records/drill-report.ts';
import { type ScheduleFacts, savesRelease } from '../model/schedule/schedule-facts.ts';
import { settingsOfWorkload } from '../model/settings/workload-settings.ts';
import type { CommandContext } from '../session/context.ts';
import { CHECKLIST_KINDS, checklistFacts, readSchedules } from '../status/checklist-facts.ts';
import type { ClusterInUse } from '../store/cluster-name.ts';
import { latestBackups } from '../store/find/latest-backups.ts';
import { recipientInWords } from '../store/format/sealed-backup.ts';
import type { ListedBackup } from '../store/store.ts';
import { commandWords } from './command-words.ts';
import { readContacts } from './read-contacts.ts';
import type { RunbookFacts, RunbookRelease } from './runbook-facts.ts';

/** Releases whose drills are read at once. */
const AT_ONCE = 4;

/** What a runbook is to be about. */
export interface WantedRunbook {
  /** Every memcached release of the namespace where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** Of an S3 store in use that is not Amazon's. */
  s3Endpoint?: string;
  /** Go's duration, as it was given. */
  rto: string;
  /** --contacts */
  contacts?: string;
  /** --output-file, for the command that writes it again. */
  file?: string;
}

/**
 * Everything that a runbook says. Reads only; what could not be read is warned of.
 * @throws UsageError for contacts that are none; ToolError where there is no release; UnreachableError where the API server gives no
 * answer, or no store can be opened.
 */
export async function readRunbookFacts(
  wanted: WantedRunbook,
  context: CommandContext,
): Promise<RunbookFacts> {
  const { io } = context;
  const contacts = wanted.contacts === undefined ? undefined : await readContacts(wanted.contacts);
  const store = await context.store();
  const { doctor } = await openDoctorContext(
    { ...wanted, areas: [], kinds: CHECKLIST_KINDS, early: ['cluster', 'backups'], intervalMs: 0 },
    context,
  );
  if (doctor.releases.length === 0) throw noReleases(doctor);
  const backups = await doctor.backups().catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    io.warn(`which backups there are can't be told: ${error.message}`);
    return undefined;
  });
  const [schedules, cluster] = await Promise.all([
    readSchedules(doctor),
    doctor.reader.try("the cluster's identity", () => doctor.cluster()),
  ]);
  const drills = await mapLimited(doctor.releases, AT_ONCE, (release) =>
    releaseDrills(release, doctor, backups),
  );
  const sight = { backups, s3Endpoint: wanted.s3Endpoint, isRunbook: true };
  const checklists = await Promise.all(
    doctor.releases.map(async (release, at) => ({
      release: doctor.namespace === undefined ? `${release.namespace}/${release.name}` : release.name,
      boxes: checklistOf(await checklistFacts(release, doctor, { ...sight, drills: drills[at] })),
    })),
  );
  for (const { what, why } of doctor.reader.unreadable) io.warn(`${what} could not be read: ${why}`);
  return {
    now: doctor.now,
    version: context.version,
    namespace: doctor.namespace,
    home: doctor.kube.namespace,
    cluster: {
      name: cluster?.name,
      server: doctor.kube.server,
      serverVersion: doctor.connection.serverVersion,
    },
    how: commandWords(store, {
      ...wanted,
      spelling: context.spelling,
      contextName: doctor.kube.contextName,
      again: againWords(wanted, doctor),
    }),
    releases: doctor.releases.map((release, at) =>
      runbookRelease(release, { backups, drills: drills[at], cluster, schedules }),
    ),
    store: {
      location: store.location,
      isRead: backups !== undefined,
      keyFiles: (store.keyFlags ?? []).length > 0,
    },
    schedules,
    checklist: checklistOfAll(checklists),
    rto: wanted.rto,
    contacts,
  };
}

function noReleases({ namespace }: DoctorContext): ToolError {
  return new ToolError(
    namespace === undefined
      ? 'no memcached release was found in any namespace'
      : `no memcached release was found in namespace ${namespace}`,
    {
      untouched: 'no runbook was written',
      next: tool('status', '-A'),
    },
  );
}

function runbookRelease(
  { namespace, name, live, workloads }: ExaminedRelease,
  seen: {
    backups: readonly ListedBackup[] | undefined;
    drills: readonly DrillReport[] | undefined;
    cluster: ClusterInUse | undefined;
    schedules: readonly ScheduleFacts[] | undefined;
  },
): RunbookRelease {
  const [newest, effective] = [newestRevision(live.history), effectiveRevision(live.history)];
  const own = (seen.backups ?? []).filter(
    ({ address }) => address.namespace === namespace && address.release === name,
  );
  return {
    namespace,
    name,
    chart: effective && chartOf(effective),
    revision: newest?.revision,
    workloads: workloads.filter(isMemcachedWorkload).map(workloadFacts),
    backups: latestBackups(own, seen.cluster).map(({ address, summary, verification }) => ({
      id: address.id,
      at: new Date(timeOfId(address.id)),
      verifiedAt: verification?.at,
      sealedTo: summary?.sealed?.recipients.map(recipientInWords),
    })),
    drills: seen.drills,
    savedBy: (seen.schedules ?? []).filter(
      (schedule) => savesRelease(schedule, { namespace, name }) === 'yes',
    ),
  };
}

/** "memcached 1.2.3" */
function chartOf({ document }: HelmRevision): string {
  const metadata = objectAt(document, 'chart', 'metadata');
  return ['name', 'version'].map((field) => stringAt(metadata, field) ?? '?').join(' ');
}

function workloadFacts(workload: KubeObject): RunbookRelease['workloads'][number] {
  return {
    name: displayName(refOf(workload)),
    replicas: replicasOf(workload),
    settings: settingsOfWorkload(workload),
  };
}

function againWords(
  { releases, rto, contacts, file }: WantedRunbook,
  { namespace }: DoctorContext,
): string[] {
  return [
    ...releases,
    ...(namespace === undefined ? ['-A'] : ['-n', namespace]),
    '--rto',
    rto,
    ...(contacts === undefined ? [] : ['--contacts', resolve(contacts)]),
    ...(file === undefined ? [] : ['--output-file', resolve(file), '--force']),
  ];
}
