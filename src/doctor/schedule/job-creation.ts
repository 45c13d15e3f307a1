import { type Command, kubectl } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import type { ReportedEvent } from '../../model/kubernetes/event.ts';
import { nameOf } from '../../model/kubernetes/object.ts';
import { type BackupRun, inNamespace, ofRun, patchPodSpec, runNow, said } from './backup-run.ts';
import { podSpecOf } from './backup-schedule.ts';
import { missing } from './missing.ts';

/** `error looking up service account NS/NAME: serviceaccount "NAME" not found` (the ServiceAccount admission plugin) */
const NO_ACCOUNT = /serviceaccount "([^"]+)" not found/;

/**
 * Why the API server refused to make a pod for the Job, or the Job for the CronJob, as the controllers report
 * it (event FailedCreate). Only the newest one counts.
 * @param events about the run's Job, or about its CronJob where there is no Job; the newest first.
 */
export function judgeCreation(run: BackupRun, events: readonly ReportedEvent[]): Finding[] {
  const event = events.find(({ reason }) => reason === 'FailedCreate');
  if (event === undefined) return [];
  const { message } = event;
  const evidence = [said(event.reason, message, event.at)];
  const account = NO_ACCOUNT.exec(message)?.[1];
  if (account !== undefined) return [missing(run, { kind: 'ServiceAccount', name: account }, evidence)];
  if (/violates PodSecurity/.test(message)) {
    return [
      ofRun('MB223', run, {
        summary: "the namespace's Pod Security level refuses its pod",
        evidence,
        advice: [patchPodSpec(run, restrictedPod(run)), runNow(run)],
      }),
    ];
  }
  if (/exceeded quota|must specify (?:limits|requests)/.test(message)) {
    return [
      ofRun('MB222', run, {
        summary: "the namespace's quota leaves no room for its pod",
        evidence,
        advice: [
          kubectl('describe', 'resourcequota', ...inNamespace(run)),
          ...(isOfResources(message) ? [fitQuota(run), runNow(run)] : ['raise the quota, then run it again']),
        ],
      }),
    ];
  }
  return [
    ofRun('MB225', run, {
      summary: 'the API server refuses its pod',
      evidence,
      advice: [kubectl('get', 'cronjob', nameOf(run.cronJob), ...inNamespace(run), '-o', 'yaml')],
    }),
  ];
}

function containerNames(run: BackupRun): string[] {
  return arrayAt(podSpecOf(run.cronJob), 'containers').map(
    (container) => stringAt(container, 'name') ?? 'backup',
  );
}

/** What the "restricted" level asks for (Kubernetes, "Pod Security Standards"). */
function restrictedPod(run: BackupRun): unknown {
  return {
    securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
    containers: containerNames(run).map((name) => ({
      name,
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    })),
  };
}

/**
 * Whether what the pod asks for, or does not say that it asks for, is what keeps it out: "exceeded quota: q, requested:
 * requests.memory=1Gi, used: …". Of a count of pods or Jobs, no request of its own takes it in.
 */
function isOfResources(message: string): boolean {
  const requested = /requested: (.*?)(?:, used:|$)/.exec(message)?.[1] ?? message;
  return /\b(?:cpu|memory)\b/.test(requested);
}

/** A backup of some objects takes next to nothing. */
function fitQuota(run: BackupRun): Command {
  const amount = 'cpu=100m,memory=128Mi';
  const amounts = [`--requests=${amount}`, `--limits=${amount}`];
  return kubectl('set', 'resources', `cronjob/${nameOf(run.cronJob)}`, ...inNamespace(run), ...amounts);
}
