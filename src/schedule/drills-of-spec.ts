import { UsageError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, labelsOf } from '../model/kubernetes/object.ts';
import { judgeCron } from '../model/schedule/cron-trouble.ts';
import { isOfSchedule } from '../model/schedule/schedule-objects.ts';
import {
  drillName,
  LONGEST_NAME_WITH_DRILLS,
  type ScheduledDrill,
  type ScheduleSpec,
} from '../model/schedule/schedule-spec.ts';
import { drillRunRules } from '../permissions/drill-run-rules.ts';
import type { Store } from '../store/store.ts';
import type { WantedDrills, WantedSchedule } from './wanted-schedule.ts';

/** What a drill takes: minutes a release. One that took an hour is stuck. */
const LONGEST_DRILL_S = 3600;
const SHORTEST_DRILL_S = 300;
const WEEK_S = 7 * 86_400;
const UNTOUCHED = 'nothing was changed';

/** Flags of `backup` that lead to the store, and that `drill` has as well. */
const LEADS_TO_STORE = new Set(['--s3-endpoint', '--cluster-name']);

/** What the schedule's own part has become by now. */
export interface DrillGround {
  /** The schedule of the backups. */
  schedule: Omit<ScheduleSpec, 'drill'>;
  store: Store;
  now: Date;
  /** Asks the cluster; undefined: nobody is asked. */
  look: KubeClient | undefined;
  /** What a person should know before agreeing: added to. */
  notes: string[];
}

/**
 * The drills that a schedule holds.
 * @throws UsageError for what can never work.
 */
export async function drillsOfSpec(
  wanted: WantedSchedule & { drill: WantedDrills },
  { schedule, store, now, look, notes }: DrillGround,
): Promise<ScheduledDrill> {
  const { drill } = wanted;
  const { name, namespace, timeZone } = schedule;
  assertFits(wanted, name);
  const cron = await judgeCron({ cron: drill.cron, timeZone }, now);
  if (typeof cron === 'string')
    throw new UsageError(`--drill ${cron}`, { untouched: UNTOUCHED, next: 'another --drill or --time-zone' });
  const into = drill.into ?? `${namespace.slice(0, 63 - '-drill'.length).replace(/-+$/, '')}-drill`;
  if (into === namespace)
    throw new UsageError(`drills are not held in ${into}, where the release itself is`, {
      untouched: UNTOUCHED,
      next: 'another --drill-into',
    });
  const longest = Math.floor(cron.shortestIntervalS) - 10;
  if (longest < SHORTEST_DRILL_S)
    throw new UsageError(`--drill "${drill.cron}" is due every ${cron.shortestIntervalS} s`, {
      untouched: UNTOUCHED,
      next: 'once a quarter is what the backup guide asks for: --drill "0 4 1 */3 *"',
    });
  const ours = schedule.account.isOurs;
  return {
    cron: drill.cron,
    into: await stageOf(into, schedule, look, notes),
    account: ours ? { ...schedule.account, name: drillName(name) } : schedule.account,
    args: argsOf(wanted, { namespace, into, store }),
    // Drills sign nothing.
    secrets: [
      ...schedule.secrets.filter(({ use }) => use !== 'sign'),
      ...(drill.identitySecret === undefined
        ? []
        : [{ use: 'identity', name: drill.identitySecret } as const]),
    ],
    activeDeadlineSeconds: Math.min(LONGEST_DRILL_S, longest),
    ttlSeconds: Math.max(WEEK_S, Math.ceil(cron.shortestIntervalS * 4)),
    rules: drillRunRules({ namespace, into, isOnClaim: schedule.claim !== undefined }),
  };
}

function assertFits(
  { releases, allNamespaces, labelSelector, recipients, drill }: WantedSchedule,
  name: string,
) {
  const help = { untouched: UNTOUCHED };
  if (allNamespaces || labelSelector !== undefined || releases.length > 1)
    throw new UsageError(
      'drills are held of one release, or of each one of the namespace: not of several by name, by -l or by -A',
      { ...help, next: 'a schedule of its own for them, with another --name' },
    );
  if (name.length > LONGEST_NAME_WITH_DRILLS)
    throw new UsageError(
      `"${name}" has ${name.length} characters; the name of a schedule with drills has at most ${LONGEST_NAME_WITH_DRILLS}`,
      help,
    );
  if (recipients.length > 0 && drill?.identitySecret === undefined)
    throw new UsageError('the backups are sealed, and no drill opens one without a key', {
      ...help,
      next: 'name a Secret with identity, a private key of theirs: --identity-secret NAME; it lies in the cluster then. Or hold drills from elsewhere, without --drill',
    });
}

/** A namespace that is there and somebody else's stays as it is; one that is missing, or was made by an install, is ours. */
async function stageOf(
  into: string,
  { name, namespace }: Pick<ScheduleSpec, 'name' | 'namespace'>,
  look: KubeClient | undefined,
  notes: string[],
): Promise<ScheduledDrill['into']> {
  if (look === undefined) return { name: into, create: { labels: {} } };
  const [there, home] = await Promise.all([seen(look, into), seen(look, namespace)]);
  if (there === 'unseen')
    notes.push(`whether namespace ${into} is there may not be seen: it is taken for being there`);
  const isTheirs = there === 'unseen' || (there !== undefined && !isOfSchedule(there, name));
  if (isTheirs) return { name: into };
  const labels = typeof home === 'object' ? podSecurityOf(home) : {};
  return { name: into, create: { labels } };
}

async function seen(look: KubeClient, name: string): Promise<KubeObject | undefined | 'unseen'> {
  try {
    return await look.get({ apiVersion: 'v1', kind: 'Namespace', name });
  } catch (error) {
    if (error instanceof ApiError && error.lacksPermission) return 'unseen';
    throw error;
  }
}

/** Pods of a drill pass the same Pod Security as those of the release (Kubernetes, "Pod Security Admission"). */
function podSecurityOf(namespace: KubeObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labelsOf(namespace)).filter(([key]) => key.startsWith('pod-security.kubernetes.io/')),
  );
}

function argsOf(
  { releases: [release], backupFlags, drill }: WantedSchedule & { drill: WantedDrills },
  { namespace, into, store }: { namespace: string; into: string; store: Store },
): string[] {
  const leads = backupFlags.flatMap((word, at) =>
    LEADS_TO_STORE.has(word) ? [word, backupFlags[at + 1]!] : [],
  );
  return [
    'drill',
    release ?? '--all',
    '-n',
    namespace,
    '--into',
    into,
    ...(drill.target === undefined ? [] : ['--target', drill.target]),
    '--store',
    store.location,
    ...leads,
    '--yes',
  ];
}
