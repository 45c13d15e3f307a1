import { ToolError } from '../../errors/tool-error.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { type JsonObject, stringAt } from '../../model/json/json.ts';
import { eventsOf } from '../../model/kubernetes/event.ts';
import { type KubeObject, nameOf, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { backupMaker } from '../../model/schedule/backup-cronjob.ts';
import { finding } from '../catalogue.ts';
import type { DoctorContext } from '../doctor-context.ts';
import { judgeClaimExists, judgeHeld } from './claim-held.ts';
import { judgePending, type Supply } from './claim-pending.ts';
import { judgeSpace } from './claim-space.ts';
import { type ClaimUse, claimsInUse, podsUsing } from './claims.ts';
import { type ExaminedStore, examineStore } from './examine-store.ts';
import { judgeCredentials } from './s3-credentials.ts';

/** Where backups go: claims, S3 credentials, the store. */
export async function examineStorage(doctor: DoctorContext): Promise<Finding[]> {
  const [claims, store] = await Promise.all([examineClusterStorage(doctor), examineItsStore(doctor)]);
  const findings = [...claims.findings, ...store.findings];
  if (findings.some(({ severity }) => severity === 'fail' || severity === 'warn')) return findings;
  const summary = [...claims.said, store.said.summary].join('; ');
  return [...findings, finding('MB300', { ...store.said, summary })];
}

async function examineItsStore(doctor: DoctorContext): Promise<ExaminedStore> {
  const [store, cluster] = await Promise.all([doctor.store(), doctor.cluster()]);
  const { now } = doctor;
  const releases = doctor.releases.map(({ namespace, name, live, workloads }) => ({
    namespace,
    name,
    isGone: live.classified.length === 0 && workloads.length === 0,
  }));
  return examineStore({ store, backups: () => doctor.backups(), releases, cluster, now });
}

async function examineClusterStorage(
  doctor: DoctorContext,
): Promise<{ findings: Finding[]; said: string[] }> {
  const { reader, namespace, releases } = doctor;
  const names = releases.map(({ name }) => name);
  const cronJobs = ((await reader.list('batch/v1', 'CronJob', namespace)) ?? []).filter(
    (cronJob) => backupMaker(cronJob, names) !== undefined,
  );
  const workloads = releases.flatMap((release) => release.workloads);
  const owned = releases.flatMap(({ live }) =>
    live.classified.flatMap(({ ref, role }) =>
      role === 'owned' && ref.kind === 'PersistentVolumeClaim' ? [ref] : [],
    ),
  );
  const uses = claimsInUse([...workloads, ...cronJobs], owned);
  const [claims, credentials] = await Promise.all([
    examineClaims(doctor, uses),
    Promise.all(cronJobs.map((cronJob) => examineCredentials(doctor, cronJob))),
  ]);
  const said =
    uses.length === 0 ? [] : [`${uses.length} ${uses.length === 1 ? 'claim is' : 'claims are'} in order`];
  return { findings: [...claims, ...credentials.flat()], said };
}

async function examineClaims(doctor: DoctorContext, uses: ClaimUse[]): Promise<Finding[]> {
  const { reader, namespace } = doctor;
  if (uses.length === 0) return [];
  const [claims, pods, events] = await Promise.all([
    reader.list('v1', 'PersistentVolumeClaim', namespace),
    reader.list('v1', 'Pod', namespace),
    reader.list('v1', 'Event', namespace),
  ]);
  if (claims === undefined) return [];
  const found = uses.map((use) => ({ use, claim: claimOf(use, claims) }));
  const isPending = found.some(({ claim }) => claim !== 'absent' && phaseOf(claim) === 'Pending');
  const [supply, spaces] = await Promise.all([
    isPending ? readSupply(doctor) : { classes: undefined, volumes: undefined },
    readSpace(doctor, uses, pods ?? []),
  ]);
  return found.flatMap(({ use, claim }) => {
    const existence = judgeClaimExists(claim, use);
    if (claim === 'absent') return existence;
    const waiting = podsUsing(use.ref, pods ?? []).map((pod) => ({
      pod,
      events: eventsOf(events ?? [], refOf(pod), uidOf(pod)),
    }));
    const ofClaim = eventsOf(events ?? [], use.ref, uidOf(claim));
    return [
      ...existence,
      ...(phaseOf(claim) === 'Pending' ? judgePending({ claim, use }, ofClaim, supply, doctor.now) : []),
      ...judgeHeld(use, waiting),
      ...judgeSpace(use, spaces),
    ];
  });
}

/** Cluster-wide kinds, which many may not list: only where a claim is not bound, and they tell why. */
async function readSupply({ reader }: DoctorContext): Promise<Supply> {
  const [classes, volumes] = await Promise.all([
    reader.list('storage.k8s.io/v1', 'StorageClass'),
    reader.list('v1', 'PersistentVolume'),
  ]);
  return { classes, volumes };
}

/**
 * What the kubelets of the claims' pods measure. It takes `get nodes/proxy`, which amounts to exec in every pod of
 * a node, so that few have it and no Role of ours grants it: without it nothing is said.
 */
async function readSpace(
  { kube }: DoctorContext,
  uses: ClaimUse[],
  pods: KubeObject[],
): Promise<JsonObject[]> {
  const nodes = new Set(
    uses.flatMap(({ ref }) => podsUsing(ref, pods)).flatMap((pod) => stringAt(pod, 'spec', 'nodeName') ?? []),
  );
  const summaries = await Promise.all(
    [...nodes].map(async (node) => {
      try {
        return [await kube.raw(`/api/v1/nodes/${encodeURIComponent(node)}/proxy/stats/summary`)];
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        return [];
      }
    }),
  );
  return summaries.flat();
}

async function examineCredentials({ reader }: DoctorContext, cronJob: KubeObject): Promise<Finding[]> {
  const secrets = await reader.list('v1', 'Secret', refOf(cronJob).namespace);
  return judgeCredentials(cronJob, (name) =>
    secrets === undefined ? undefined : (secrets.find((secret) => nameOf(secret) === name) ?? 'absent'),
  );
}

function claimOf({ ref }: ClaimUse, claims: KubeObject[]): KubeObject | 'absent' {
  const isIt = (claim: KubeObject): boolean =>
    nameOf(claim) === ref.name && refOf(claim).namespace === ref.namespace;
  return claims.find(isIt) ?? 'absent';
}

function phaseOf(claim: KubeObject): string | undefined {
  return stringAt(claim, 'status', 'phase');
}
