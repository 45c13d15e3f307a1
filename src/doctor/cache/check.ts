import { tool } from '../../advice/command.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { keyOf, refOf } from '../../model/kubernetes/object.ts';
import { finding } from '../catalogue.ts';
import type { DoctorContext, ExaminedRelease } from '../doctor-context.ts';
import { type CachedPod, cachedPods, gauge, isAnswering, maxBytes } from './cached-pod.ts';
import { connectionUse, judgeConnections } from './connections.ts';
import { judgeExposure } from './exposure.ts';
import { judgeItems } from './items.ts';
import { judgeListeners } from './listeners.ts';
import { judgeMemory, mebibytes } from './memory.ts';
import { judgeRestarts } from './restarts.ts';
import { gatherSignals } from './signal.ts';
import { judgeSilence } from './silence.ts';
import { judgeAutoscalers, judgeReplicas } from './topology.ts';
import { hitRatio, trafficJudge } from './traffic.ts';

/** How is memcached itself, pod by pod? */
export async function examineCache(doctor: DoctorContext): Promise<Finding[]> {
  const examined = await Promise.all(doctor.releases.map((release) => examineRelease(release, doctor)));
  const findings = examined.flatMap((each) => each.findings);
  const isSick = findings.some(({ severity }) => severity === 'fail' || severity === 'warn');
  const answering = examined.flatMap(({ pods }) => pods).filter(isAnswering);
  return isSick || answering.length === 0
    ? findings
    : [...findings, finding('MB600', { summary: wellness(answering) })];
}

async function examineRelease(
  release: ExaminedRelease,
  doctor: DoctorContext,
): Promise<{ pods: CachedPod[]; findings: Finding[] }> {
  const { reader, now } = doctor;
  const { namespace, name } = release;
  const [all, services, policies, autoscalers] = await Promise.all([
    cachedPods(release),
    reader.list('v1', 'Service', namespace),
    reader.list('networking.k8s.io/v1', 'NetworkPolicy', namespace),
    reader.list('autoscaling/v2', 'HorizontalPodAutoscaler', namespace),
  ]);
  // What nobody may ask is not silent.
  const pods = all.filter((pod) => !notedAsForbidden(pod, doctor));
  const lookLonger = tool('doctor', name, '-n', namespace, '--only', 'cache', '--interval', '30s');
  const judges = [
    judgeSilence,
    judgeConnections,
    judgeMemory,
    judgeRestarts,
    judgeItems,
    trafficJudge(() => lookLonger),
    judgeListeners,
  ];
  const workloads = Map.groupBy(all, ({ workload }) => keyOf(refOf(workload)));
  return {
    pods,
    findings: [
      ...gatherSignals(pods, judges, now),
      ...[...workloads.values()].flatMap((group) => [
        ...judgeExposure(group, services, policies),
        ...judgeReplicas(group, services),
        ...judgeAutoscalers(group, autoscalers),
      ]),
    ],
  };
}

function notedAsForbidden({ seen }: CachedPod, { reader }: DoctorContext): boolean {
  const { cause, target } = seen;
  if (!(cause instanceof ApiError) || cause.status !== 403) return false;
  const { verb, group, resource } = cause.call;
  const { namespace } = target;
  reader.note({
    what: 'what memcached says of itself',
    why: cause.message,
    permission: { verb, group, resource, namespace },
  });
  return true;
}

/** "2 pods answer: at most 3 of 1004 connections, 12 of 64 MiB, 97 % hits" */
function wellness(pods: readonly CachedPod[]): string {
  const uses = pods.flatMap((pod) => connectionUse(pod) ?? []);
  const fullest = uses.toSorted((a, b) => b.current / b.usable - a.current / a.usable)[0];
  const items = pods.toSorted(
    (a, b) => (gauge(b, 'bytes') ?? 0) / maxBytes(b) - (gauge(a, 'bytes') ?? 0) / maxBytes(a),
  )[0]!;
  const ratios = pods.flatMap((pod) => hitRatio(pod) ?? []);
  const atMost = pods.length === 1 ? '' : 'at most ';
  const parts = [
    ...(fullest === undefined ? [] : [`${atMost}${fullest.current} of ${fullest.usable} connections`]),
    `${atMost}${mebibytes(gauge(items, 'bytes') ?? 0)} of ${mebibytes(maxBytes(items))} in use`,
    ...(ratios.length === 0 ? [] : [`at least ${Math.round(100 * Math.min(...ratios))} % hits`]),
  ];
  return `${pods.length === 1 ? '1 pod answers' : `${pods.length} pods answer`}: ${parts.join(', ')}`;
}
