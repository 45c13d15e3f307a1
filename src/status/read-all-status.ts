import { advice } from '../advice/advice.ts';
import { helm, tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import type { DoctorContext, ExaminedRelease } from '../doctor/doctor-context.ts';
import { openDoctorContext } from '../doctor/open-doctor-context.ts';
import { releaseDrills } from '../doctor/release-drills.ts';
import { mapLimited } from '../errors/map-limited.ts';
import { orUndefined } from '../errors/or-undefined.ts';
import { ToolError } from '../errors/tool-error.ts';
import { checklistOf } from '../model/checklist/checklist.ts';
import type { ReleaseName } from '../model/release/discover.ts';
import type { CommandContext } from '../session/context.ts';
import { elsewhere, placesInWords } from '../store/find/other-namespaces.ts';
import type { ListedBackup } from '../store/store.ts';
import { CHECKLIST_KINDS, checklistFacts } from './checklist-facts.ts';
import { goneReleases, isNowhere } from './gone-releases.ts';
import { type ReleaseStatus, readStatus, statusOfGone } from './release-status.ts';
import { totalOf } from './store-total.ts';

/** Whose status is read, and how. */
export interface WantedStatus {
  /** Every memcached release of the namespace where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** Between two looks at a pod's counters, milliseconds. */
  intervalMs: number;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** Also what the whole store holds, of every namespace, which takes longer. */
  total?: boolean;
  /** Also the backup guide's checklist of each release. */
  checklist?: { s3Endpoint: string | undefined };
}

/** Releases whose backups are read at a time: a backup is in memory while it is compared. */
const AT_ONCE = 4;
const CRON_JOBS = [['batch/v1', 'CronJob']] as const;

/**
 * The status of each release. Reads only; what could not be read is said.
 * @returns isWhole: false where records of Helm's could not be read; failures: of what was named and is nowhere.
 * @throws UnreachableError, ApiError where the API server gives no answer at all.
 */
export async function readAllStatus(
  options: WantedStatus,
  context: CommandContext,
): Promise<{ rows: ReleaseStatus[]; isWhole: boolean; failures: ToolError[] }> {
  const { io } = context;
  const kinds = options.checklist === undefined ? CRON_JOBS : CHECKLIST_KINDS;
  const isTotal = options.total === true;
  const early = ['pods', 'cluster', ...(isTotal ? [] : ['backups' as const])] as const;
  const { doctor } = await openDoctorContext({ ...options, areas: [], kinds, early }, context);
  const listed = isTotal ? doctor.store().then((store) => store.list({})) : doctor.backups();
  const backups = await listed.catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    io.warn(`whether there are backups can't be told: ${error.message}`);
    return undefined;
  });
  const total =
    isTotal && backups !== undefined ? totalOf(backups, (await doctor.store()).location) : undefined;
  const { there, missing } = await sortOut(doctor, options, backups);
  const live = await mapLimited(there, AT_ONCE, async (release) => {
    const drills = await releaseDrills(release, doctor, backups);
    const sight = { backups, drills, isRunbook: false };
    return {
      ...(await readStatus(release, doctor, { backups, drills }, context)),
      store: total,
      ...(options.checklist === undefined
        ? {}
        : {
            checklist: checklistOf(await checklistFacts(release, doctor, { ...options.checklist, ...sight })),
          }),
    };
  });
  const gone = await Promise.all(
    missing.gone.map(async (release) => ({
      ...(await statusOfGone(release, doctor, backups ?? [])),
      store: total,
    })),
  );
  const rows = [...live, ...gone].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const { what, why } of doctor.reader.unreadable) io.warn(`${what} could not be read: ${why}`);
  const unreadable = doctor.releases.flatMap(({ live }) => live.unreadable);
  for (const { message } of unreadable) io.warn(message);
  if (rows.length === 0 && options.releases.length === 0) await sayThatNoneIsThere(options, doctor, context);
  const failures = await mapLimited(missing.nowhere, AT_ONCE, (release) =>
    nowhere(release, doctor, backups !== undefined),
  );
  return { rows, isWhole: unreadable.length === 0, failures };
}

/** What the cluster has, what it has lost and the store holds, and what was named and is nowhere. */
async function sortOut(
  doctor: DoctorContext,
  { releases: names }: WantedStatus,
  backups: readonly ListedBackup[] | undefined,
): Promise<{ there: ExaminedRelease[]; missing: { gone: ReleaseName[]; nowhere: ReleaseName[] } }> {
  // Whoever may not look must not read that there is nothing.
  if (doctor.reader.unreadable.length > 0)
    return { there: doctor.releases, missing: { gone: [], nowhere: [] } };
  const there = doctor.releases.filter((release) => !isNowhere(release));
  const known = there.map(({ namespace, name }) => ({ namespace, release: name }));
  const cluster = await doctor.reader.try("the cluster's identity", () => doctor.cluster());
  const inScope = (backups ?? []).filter(
    ({ address }) => doctor.namespace === undefined || address.namespace === doctor.namespace,
  );
  const gone = goneReleases(inScope, known, { cluster, names });
  const found = new Set([...known, ...gone].map(({ release }) => release));
  const nowhere = [...new Set(names)]
    .filter((name) => !found.has(name))
    .map((release) => ({ namespace: doctor.kube.namespace, release }));
  return { there, missing: { gone, nowhere } };
}

/** As kubectl says of a name that it finds nowhere; where the store has it in another namespace, that one is named. */
async function nowhere(
  { namespace, release }: ReleaseName,
  doctor: DoctorContext,
  isStoreRead: boolean,
): Promise<ToolError> {
  if (isStoreRead) {
    const store = await doctor.store();
    const places = await elsewhere(store, { release, namespace }, await doctor.cluster());
    const [first] = places.keys();
    if (first !== undefined) {
      return new ToolError(
        `release "${release}" not found in namespace "${namespace}", and no backup of it; the store holds ${placesInWords(places)}`,
        { next: tool('status', release, '-n', first, ...store.flags) },
      );
    }
  }
  const backups = isStoreRead ? 'and no backup of it' : 'and whether there are backups of it can not be told';
  return new ToolError(`release "${release}" not found in namespace "${namespace}", ${backups}`, {
    next: advice`${tool('status', '-A')}; ${helm('list', '-A')}`,
  });
}

/** An empty table in the wrong namespace must not read as an empty store. */
async function sayThatNoneIsThere(
  { allNamespaces }: WantedStatus,
  doctor: DoctorContext,
  { io, spelling }: CommandContext,
): Promise<void> {
  const where = doctor.namespace === undefined ? '' : ` in namespace ${doctor.namespace}`;
  io.say(`No memcached releases found${where}.`);
  if (allNamespaces) return;
  const store = await orUndefined(() => doctor.store());
  const listed = await orUndefined(async () => store?.list({}));
  const namespaces = new Set((listed ?? []).map(({ address }) => address.namespace));
  namespaces.delete('');
  if (store === undefined || namespaces.size === 0) return;
  const names = [...namespaces].sort().join(', ');
  const command = spellCommand(tool('status', '-A', ...store.flags), spelling);
  io.say(`The store holds backups of namespace ${names}: ${command}`);
}

function keyOf({ namespace, release }: ReleaseName): string {
  return `${namespace}/${release}`;
}
