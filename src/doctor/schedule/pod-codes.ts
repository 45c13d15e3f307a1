import type { Codes } from '../code.ts';
import { RUN_SYMPTOMS } from './job-codes.ts';

/** The newest run's pod: why it has not started, and how it ended. */
export const POD_CODES = {
  MB230: {
    severity: 'fail',
    title: 'The backup’s image can’t be pulled',
    cause:
      'The image or its tag does not exist (any more), the registry can’t be reached, or it wants a login.',
    evidence: 'The container waits with ErrImagePull, ImagePullBackOff or their like; the kubelet’s event.',
    fix: 'Name an image that exists and has a shell and the programs that the script calls; where a login is missing, an image pull Secret. With `--fix`, only a schedule that this tool made gets the image of its last run that succeeded back.',
    fixable: true,
    hides: RUN_SYMPTOMS,
  },
  MB231: {
    severity: 'fail',
    title: 'A Secret or ConfigMap that the backup needs does not exist',
    cause:
      'The pod template names it in env, envFrom or a volume, and it was never made or has been deleted.',
    evidence:
      'No such object in the namespace, where it may be listed; the container waits with CreateContainerConfigError, or the volume is not mounted (FailedMount).',
    fix: 'Create it, or mark the reference as optional.',
    hides: RUN_SYMPTOMS,
  },
  MB232: {
    severity: 'fail',
    title: 'A Secret or ConfigMap lacks a key that the backup needs',
    cause:
      'It is there, and the key that the pod template names is not in it: a key was renamed, or mistyped.',
    evidence:
      'The object’s keys, where it may be read; the container waits with CreateContainerConfigError, or the volume is not mounted (FailedMount).',
    fix: 'Add the key. No value is shown by doctor.',
    hides: RUN_SYMPTOMS,
  },
  MB233: {
    severity: 'fail',
    title: 'The backup’s pod waits for its volume',
    cause: 'Its PersistentVolumeClaim does not exist, is not bound, or is bound to a volume of another node.',
    evidence: 'The scheduler’s reason (condition PodScheduled).',
    fix: 'See the claim: `kubectl describe pvc`. The area storage names the cause.',
    hides: RUN_SYMPTOMS,
  },
  MB234: {
    severity: 'fail',
    title: 'A volume of the backup’s pod can’t be mounted',
    cause: 'It is attached to another node, its server can’t be reached, or its file system is broken.',
    evidence: 'The kubelet’s event FailedMount or FailedAttachVolume, while the container is being created.',
    fix: 'See the event; free the volume where another pod holds it.',
    hides: RUN_SYMPTOMS,
  },
  MB235: {
    severity: 'fail',
    title: 'No node takes the backup’s pod',
    cause: 'Not enough CPU or memory is free, or taints, node selectors and affinities rule every node out.',
    evidence:
      'The scheduler’s reason (condition PodScheduled), which counts the nodes. Not said while an autoscaler makes a node.',
    fix: 'Ask for less, tolerate the taint, or drop the node selector.',
    hides: RUN_SYMPTOMS,
  },
  MB240: {
    severity: 'fail',
    title: 'The backup ran out of memory',
    cause: 'Its container took more than its memory limit, and the kernel killed it.',
    evidence: 'The container’s state: OOMKilled; its memory limit.',
    fix: 'Twice the limit; without one the node ran out: request more.',
    hides: RUN_SYMPTOMS,
  },
  MB241: {
    severity: 'fail',
    title: 'The backup’s pod was evicted',
    cause:
      'Its node ran out of memory or disk, was drained or shut down, or a pod of higher priority took its place.',
    evidence:
      'The pod’s reason (Evicted and its like), or its condition DisruptionTarget. Nothing is said while another pod of the same Job runs.',
    fix: 'Look at the node’s conditions; once the Job has failed, run the backup again.',
    fixable: true,
    hides: RUN_SYMPTOMS,
  },
  MB242: {
    severity: 'fail',
    title: 'The backup ended with an error',
    cause: 'Its script or program gave up, and says why in its log.',
    evidence:
      'The container’s exit code and the last 5 lines of its log; what looks like a secret is masked.',
    fix: 'As the log says; then run it again.',
    hides: RUN_SYMPTOMS,
  },
  MB243: {
    severity: 'fail',
    title: 'The backup’s container can’t be started',
    cause:
      'Its command is not in the image (an image without a shell, often), or its securityContext rules it out.',
    evidence:
      'The container’s state: StartError, RunContainerError, CreateContainerConfigError and their like.',
    fix: 'Name an image that has the command, or a command that the image has; a user other than root where that is asked for.',
    hides: RUN_SYMPTOMS,
  },
  MB244: {
    severity: 'fail',
    title: 'There was no room for the backup',
    cause: 'The claim, the bucket or the server that the schedule saves to is full.',
    evidence:
      'How the run ended, in its own words: the container’s termination message, or the end of its log.',
    fix: 'Make it larger, or remove old backups: `prune`, and `--keep-within 30d` for the schedule.',
    hides: RUN_SYMPTOMS,
  },
  MB245: {
    severity: 'fail',
    title: 'The run can’t use its store',
    cause:
      'The store is not there, denies what a backup needs (a bucket’s policy, a volume of another user), does not take the credentials in the Secret, or can’t be reached from the pod.',
    evidence:
      'How the run ended, in its own words: the container’s termination message, or the end of its log.',
    fix: 'As it says; docs/stores.md has what each kind of store needs.',
    hides: RUN_SYMPTOMS,
  },
  MB246: {
    severity: 'fail',
    title: 'The backup was saved, and is not complete',
    cause:
      'Something of a release may not be read, or could not be: the run saved what it could and ended with exit code 5, which no repetition heals.',
    evidence:
      'How the run ended, in its own words: the container’s termination message, or the end of its log.',
    fix: 'As it says: mostly a permission, which doctor names, too (MB120).',
    hides: RUN_SYMPTOMS,
  },
} as const satisfies Codes;
