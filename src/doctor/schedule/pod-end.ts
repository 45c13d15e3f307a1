import { kubectl } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import { endCause } from '../../model/kubernetes/container-reason.ts';
import { endOfJob } from '../../model/kubernetes/job.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { parseQuantity } from '../../model/kubernetes/quantity.ts';
import { type BackupRun, inNamespace, ofRun, runNow, said } from './backup-run.ts';
import { type ContainerState, containerStates } from './container-states.ts';
import { unstarted } from './pod-start.ts';
import { runAgain } from './repairs.ts';
import { judgeToolEnd } from './tool-end.ts';

/** status.reason of pods that a node gave up (pkg/kubelet/eviction, nodeshutdown, pod GC); else a DisruptionTarget. */
const GIVEN_UP = new Set(['Evicted', 'Terminated', 'NodeLost', 'NodeShutdown', 'Shutdown', 'Preempting']);

/** A container that ended badly, and the end of what it wrote; "" where there is nothing, undefined: unknown. */
export interface BadEnd {
  state: ContainerState;
  log: string | undefined;
}

/** The containers that ended with another exit code than 0, but for those that run again meanwhile. */
export function badEnds(pod: KubeObject): ContainerState[] {
  return containerStates(pod).filter(
    ({ ended, waiting }) =>
      ended !== undefined && ended.exitCode !== 0 && !(ended.again && waiting === undefined),
  );
}

/**
 * Why the run's pod ended badly: the node gave it up, it took too much memory, its command could not be run,
 * or it said so itself by its exit code. The first cause only.
 */
export function judgePodEnd(run: BackupRun & { pod: KubeObject }, ends: readonly BadEnd[]): Finding[] {
  const given = givenUp(run);
  if (given !== undefined) return [given];
  const [first] = ends;
  if (first?.state.ended === undefined) return [];
  const { name, ended, container } = first.state;
  const evidence = [said(ended.reason, ended.message, ended.at)];
  const cause = endCause(ended.reason, ended.exitCode);
  if (cause === 'out-of-memory') return [outOfMemory(run, first.state, evidence)];
  if (cause === 'start') return [unstarted(run, name, evidence)];
  const own = judgeToolEnd(run, first.state, first.log);
  if (own !== undefined) return [own];
  const lines = lastLines(first.log ?? '');
  return [
    ofRun('MB242', run, {
      summary: `its container ${name} ended with exit code ${ended.exitCode}${ended.again ? ', and was started again' : ''}`,
      evidence: [
        { ...said(`exit code ${ended.exitCode}`, ended.reason, ended.at) },
        ...lines.map((text) => ({ text })),
      ],
      advice: [
        kubectl(
          'logs',
          nameOf(run.pod),
          ...['-c', stringAt(container, 'name') ?? name],
          ...inNamespace(run),
          ...(ended.again ? ['--previous'] : []),
        ),
        runNow(run),
      ],
    }),
  ];
}

/** Lines of a log that are shown. */
const SHOWN_LINES = 5;

function lastLines(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-SHOWN_LINES);
}

function givenUp(run: BackupRun & { pod: KubeObject }): Finding | undefined {
  const { pod } = run;
  const reason = stringAt(pod, 'status', 'reason') ?? '';
  const target = arrayAt(pod, 'status', 'conditions').find(
    (each) => stringAt(each, 'type') === 'DisruptionTarget' && stringAt(each, 'status') === 'True',
  );
  if (stringAt(pod, 'status', 'phase') !== 'Failed' || (!GIVEN_UP.has(reason) && target === undefined))
    return undefined;
  const evidence = [
    said(
      reason || (stringAt(target, 'reason') ?? ''),
      stringAt(pod, 'status', 'message') ?? stringAt(target, 'message') ?? '',
      stringAt(target, 'lastTransitionTime'),
    ),
  ];
  const node = stringAt(pod, 'spec', 'nodeName');
  return ofRun('MB241', run, {
    summary: 'its pod was evicted before it was done',
    evidence,
    advice: [...(node === undefined ? [] : [kubectl('describe', 'node', node)]), runNow(run)],
    // A Job that has not ended makes another pod by itself.
    ...(run.job !== undefined && endOfJob(run.job)?.type === 'Failed'
      ? runAgain({ ...run, job: run.job })
      : {}),
  });
}

function outOfMemory(run: BackupRun, { name, container }: ContainerState, evidence: Evidence[]): Finding {
  const limit = stringAt(container, 'resources', 'limits', 'memory');
  const bytes = limit === undefined ? undefined : parseQuantity(limit);
  const more = bytes === undefined ? '128Mi' : `${Math.max(64, Math.ceil((bytes * 2) / 2 ** 20))}Mi`;
  // Without a limit the node ran out: a limit would leave it less than it had.
  const amounts = [...(limit === undefined ? [] : [`--limits=memory=${more}`]), `--requests=memory=${more}`];
  return ofRun('MB240', run, {
    summary: `its container ${name} took more memory than it may`,
    evidence: [
      ...evidence,
      { text: limit === undefined ? 'no memory limit: the node ran out' : `memory limit: ${limit}` },
    ],
    advice: [
      kubectl(
        'set',
        'resources',
        `cronjob/${nameOf(run.cronJob)}`,
        '-c',
        name,
        ...inNamespace(run),
        ...amounts,
      ),
      runNow(run),
    ],
  });
}
