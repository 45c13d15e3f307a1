import type { Codes } from '../code.ts';

/** What a run that failed looks like from outside. */
export const RUN_SYMPTOMS = ['MB203', 'MB206', 'MB208', 'MB210', 'MB220', 'MB221'] as const;

/** The Job: how it failed, and why it has no pod. */
export const JOB_CODES = {
  MB220: {
    severity: 'fail',
    title: 'The newest backup Job failed',
    cause:
      'Its pods failed more often than `backoffLimit` allows. Where a pod is left, its finding is the cause and hides this one; with `restartPolicy: OnFailure` the pod is deleted, and its log with it.',
    evidence: 'The Job’s Failed condition. Older failures that a success followed don’t count.',
    fix: 'Set `restartPolicy: Never`, which keeps failed pods and their logs, and run it again (with `--fix`, the latter alone).',
    fixable: true,
    hides: ['MB203', 'MB206'],
  },
  MB221: {
    severity: 'fail',
    title: 'The newest backup Job ran into its deadline',
    cause:
      'It was not done within `activeDeadlineSeconds`, and was stopped: it hung, or its pod never started.',
    evidence: 'The Job’s Failed condition, with the reason DeadlineExceeded.',
    fix: 'Find out what it waited for; give it more time. With `--fix`, only a schedule that this tool made gets half an hour, and is run again.',
    fixable: true,
    hides: ['MB203', 'MB206', 'MB211'],
  },
  MB222: {
    severity: 'fail',
    title: 'A quota leaves no room for the backup’s pod',
    cause:
      'The namespace’s ResourceQuota is used up, or asks for requests and limits that the pod template lacks.',
    evidence: 'The event FailedCreate of the Job or the CronJob, with the quota’s name and numbers.',
    fix: 'Give the pod small requests and limits where these are what the quota counts; else raise the quota.',
    hides: RUN_SYMPTOMS,
  },
  MB223: {
    severity: 'fail',
    title: 'Pod Security refuses the backup’s pod',
    cause: 'The namespace enforces a Pod Security level that the pod template does not keep.',
    evidence: 'The event FailedCreate (`violates PodSecurity`), which lists what is missing.',
    fix: 'Give the pod the securityContext of the level “restricted”.',
    hides: RUN_SYMPTOMS,
  },
  MB224: {
    severity: 'fail',
    title: 'The backup’s service account does not exist',
    cause: 'The CronJob was applied without its ServiceAccount, or that was deleted since.',
    evidence: 'No such ServiceAccount in the namespace; the event FailedCreate of the Job.',
    fix: 'Create it, and bind a Role to it. With `--fix`, only that of a schedule that this tool made.',
    fixable: true,
    hides: [...RUN_SYMPTOMS, 'MB120'],
  },
  MB225: {
    severity: 'fail',
    title: 'The API server refuses the backup’s pod',
    cause: 'A LimitRange, a webhook of a policy engine, or a PriorityClass that does not exist.',
    evidence: 'The event FailedCreate of the Job or the CronJob, word for word.',
    fix: 'Change the pod template as the refusal says.',
    hides: RUN_SYMPTOMS,
  },
} as const satisfies Codes;
