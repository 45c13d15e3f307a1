import { kubectl } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { numberAt, stringAt } from '../../model/json/json.ts';
import { endOfJob } from '../../model/kubernetes/job.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import {
  type BackupRun,
  inNamespace,
  ofRun,
  patchCronJob,
  patchPodSpec,
  runNow,
  said,
} from './backup-run.ts';
import { podSpecOf } from './backup-schedule.ts';
import { runAgain } from './repairs.ts';

/**
 * That the run's Job failed, in the words of its Failed condition. Its pod, where it still is there, says why:
 * with restartPolicy OnFailure the Job controller deletes it together with its log
 * (Kubernetes, "Jobs", pod backoff failure policy).
 * @param known its newest pod; null: it has none; absent: nobody knows.
 */
export function judgeJobFailure(
  run: BackupRun & { job: KubeObject },
  known: { pod?: KubeObject | null },
): Finding[] {
  const end = endOfJob(run.job);
  if (end?.type !== 'Failed') return [];
  const evidence = [said(end.reason, end.message, end.at)];
  if (end.reason === 'DeadlineExceeded') {
    const deadline = numberAt(run.job, 'spec', 'activeDeadlineSeconds');
    return [
      ofRun('MB221', run, {
        summary: `did not end within ${deadline ?? '?'} s and was stopped`,
        evidence: [...evidence, { text: `spec.activeDeadlineSeconds: ${deadline}` }],
        advice: [
          patchCronJob(run, {
            jobTemplate: { spec: { activeDeadlineSeconds: Math.max(600, (deadline ?? 0) * 4) } },
          }),
          runNow(run),
        ],
      }),
    ];
  }
  const keepsPod = stringAt(podSpecOf(run.job), 'restartPolicy') === 'Never';
  const keepPod = keepsPod ? [] : [patchPodSpec(run, { restartPolicy: 'Never' })];
  return [
    ofRun('MB220', run, {
      summary:
        known.pod === null
          ? 'failed, and its pod is gone with its log'
          : `failed after ${numberAt(run.job, 'status', 'failed') ?? 1} tries`,
      evidence,
      advice: [
        ...(known.pod === null
          ? keepPod
          : [kubectl('logs', `job/${nameOf(run.job)}`, ...inNamespace(run), '--all-containers')]),
        runNow(run),
      ],
      ...(known.pod === null ? runAgain(run) : {}),
    }),
  ];
}
