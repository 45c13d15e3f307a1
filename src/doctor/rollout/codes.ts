import type { Codes } from '../code.ts';

/** Codes of 51x are about the release, 52x about settings, 53x a rollout, 54x what holds it back, 55x what is read at the start. */
export const ROLLOUT_CODES = {
  MB500: {
    severity: 'ok',
    title: 'What was changed has arrived',
    cause: 'Every pod is of its workload’s present template and runs with the settings that it was told.',
    evidence:
      'Each workload’s last change, and since when memcached of its newest pod runs (`stats uptime`).',
    fix: 'Nothing to do.',
  },
  MB501: {
    severity: 'note',
    title: 'No memcached here',
    cause: 'No workload of the namespace runs memcached, as far as its image, command and ports tell.',
    evidence: 'The Deployments, StatefulSets and DaemonSets of the namespace.',
    fix: 'Name the namespace (-n), or look everywhere (-A).',
  },
  MB510: {
    severity: 'fail',
    title: 'The release does not exist',
    cause:
      'It was uninstalled or deleted, it is in another namespace or cluster, or there never was one of this name.',
    evidence: 'No workload, and no record of Helm, has its name; or Helm’s newest record says uninstalled.',
    fix: 'Look with `helm list -A`. Where the store has a backup of it, or Helm its records, bring it back.',
    hides: ['MB401'],
  },
  MB511: {
    severity: 'warn',
    title: 'Helm says that the release failed',
    cause: 'The last install, upgrade or rollback ended with an error: what it changed may be there in part.',
    evidence: 'Status and description of Helm’s newest record.',
    fix: 'Mend the cause that the description names and upgrade again, or go back to what was up: restore the newest healthy backup, or roll back to the last revision whose pods were up. Which that is, is told by pods that are ready now, by backups, or by how long it was in force; never is it one whose pods are down now. A restore that failed is repeated.',
    hides: ['MB520', 'MB521'],
  },
  MB512: {
    severity: 'fail',
    title: 'Helm refuses to touch the release',
    cause:
      'Helm was killed during an install, upgrade or rollback: its record says that the operation is pending, and Helm refuses any other one.',
    evidence:
      'The newest record’s status begins with pending-, for 10 minutes or more: twice Helm’s own --timeout.',
    fix: 'Restore the newest healthy backup, or roll back to the last revision whose pods were up; an install that never ended is uninstalled. An uninstall that never ended is run again. `--fix` marks the record as failed, so that Helm works again, where nobody is at work: no Lease of a restore is held, and the record is as it was read.',
    hides: ['MB451', 'MB520', 'MB521'],
    fixable: true,
  },
  MB513: {
    severity: 'note',
    title: 'Helm is at work',
    cause: 'An install, upgrade or rollback is under way, or Helm was killed at it less than 10 minutes ago.',
    evidence: 'The newest record’s status begins with pending-.',
    fix: 'Wait for it; after 10 minutes doctor takes it for cut off (MB512).',
    hides: ['MB520', 'MB521'],
  },
  MB514: {
    severity: 'fail',
    title: 'Helm does not find its records',
    cause:
      'Helm finds the Secrets (or ConfigMaps) that hold a release’s revisions by their labels. These were lost: a backup tool or a copy did not keep them. To Helm there is no such revision; without any, it would install the release anew over what runs.',
    evidence:
      'Each record, and which of the labels owner, name, status and version it lacks or has otherwise.',
    fix: '`--fix` puts the labels back, on each record as it was read. So does `restore`, on those that it writes.',
    fixable: true,
  },
  MB517: {
    severity: 'fail',
    title: 'A record of Helm’s can’t be read',
    cause:
      'The Secret or ConfigMap is damaged, or unpacks to more than what is read of it (docs/performance.md, Limits), which nothing that Helm itself writes comes near. What the release consists of is then told by Helm’s marks on its objects.',
    evidence: 'Each record, with what is wrong with it.',
    fix: 'See whether Helm reads it (`helm history`); delete the record where it is none of Helm’s, or restore the release.',
  },
  MB520: {
    severity: 'warn',
    title: 'An object was changed by hand',
    cause:
      'Somebody edited, patched or scaled an object of a Helm release. The next upgrade may take it back, and a new install does not have it.',
    evidence:
      'The fields of the live object that differ from Helm’s manifest; for settings of memcached the values of the release, the template, the pods’ arguments and `stats settings` side by side. Replicas that an HPA drives don’t count.',
    fix: 'Put it into the release’s values, or back with `helm rollback`.',
    hides: ['MB404'],
  },
  MB521: {
    severity: 'fail',
    title: 'An object of the release is gone',
    cause: 'Somebody deleted an object that Helm’s manifest names.',
    evidence: 'Helm’s manifest names it, and the API server has none.',
    fix: 'Have Helm make it again: `helm rollback` to the deployed revision, or `restore`.',
  },
  MB522: {
    severity: 'warn',
    title: 'A pod runs with other settings than it was told',
    cause:
      'Somebody changed the running server (`cache_memlimit`, `verbosity`, `lru tune` …), or its entrypoint changes arguments. A restart takes it back.',
    evidence: '`stats settings` against the pod’s own arguments and env. Defaults are not compared.',
    fix: 'Put the value into the workload (or the release’s values) to keep it; restart to drop it, which empties the cache. `doctor --fix` leaves it alone: somebody may have meant it.',
    hides: ['MB404'],
  },
  MB530: {
    severity: 'note',
    title: 'A rollout is under way',
    cause: 'Pods of the present template are being made, and nothing keeps them from becoming ready so far.',
    evidence:
      'The workload’s status, by the rules of `kubectl rollout status`; pods of two templates at once.',
    fix: 'Wait for it: `kubectl rollout status`.',
  },
  MB531: {
    severity: 'fail',
    title: 'The image can’t be pulled',
    cause:
      'Its name or tag is wrong, the registry can’t be reached, or it wants credentials (imagePullSecrets).',
    evidence: 'The container’s waiting reason and message: ErrImagePull, ImagePullBackOff, InvalidImageName.',
    fix: 'Mend the image’s name, or go back: restore the newest healthy backup; of a Helm release `helm rollback` to the last revision that was up; of plain YAML `kubectl rollout undo` to the template whose pods are still there. `rollout undo` would leave a Helm release’s record wrong. A StatefulSet does not replace a pod that never became ready (OrderedReady): `restore` deletes it.',
    hides: ['MB404', 'MB511', 'MB512', 'MB513', 'MB520', 'MB537'],
  },
  MB532: {
    severity: 'fail',
    title: 'The pods are refused',
    cause:
      'A quota is used up, an admission policy or Pod Security refuses them, or their ServiceAccount is missing.',
    evidence:
      'The workload’s condition ReplicaFailure, or its event FailedCreate since its newest pod was made.',
    fix: 'Raise the quota or mend what the message names.',
    hides: ['MB404', 'MB511', 'MB512', 'MB513', 'MB520', 'MB537'],
  },
  MB533: {
    severity: 'fail',
    title: 'No node takes the pods',
    cause:
      'The nodes lack CPU or memory, or none fits the pod’s node selector, affinity, tolerations or volume.',
    evidence:
      'The pod’s condition PodScheduled, in the scheduler’s words. Not said while an autoscaler makes a node: its event (TriggeredScaleUp, Nominated) is the newest, or less than 3 minutes old.',
    fix: 'Lower the requests, mend the selector, or add a node.',
    hides: ['MB404', 'MB511', 'MB512', 'MB513', 'MB520', 'MB537'],
  },
  MB534: {
    severity: 'fail',
    title: 'The pods don’t become ready',
    cause:
      'A readiness or startup probe fails: another port, a command that the image lacks, too short a timeout.',
    evidence:
      'A container that runs and is not ready, with 3 failed probes (the API’s default failureThreshold) or for more than 30 s; the event Unhealthy. A readiness probe’s initialDelaySeconds come on top; a startup probe counts by its own failureThreshold and periodSeconds; an init container has 5 minutes.',
    fix: 'Mend the probe or what it asks for.',
    hides: ['MB404', 'MB511', 'MB512', 'MB513', 'MB520', 'MB537', 'MB601'],
  },
  MB535: {
    severity: 'fail',
    title: 'The containers end again and again',
    cause:
      'Its arguments are refused by memcached (an unknown flag, -I larger than half of -m, -c too small or above the limit of open files), or crashes.',
    evidence: 'CrashLoopBackOff, or an end with another exit code than 0, with the last lines of the log.',
    fix: 'The log says which argument; mend it, or go back: restore the newest healthy backup; of a Helm release `helm rollback` to the last revision that was up; of plain YAML `kubectl rollout undo` to the template whose pods are still there. `rollout undo` would leave a Helm release’s record wrong. A StatefulSet does not replace a pod that never became ready (OrderedReady): `restore` deletes it.',
    hides: ['MB404', 'MB511', 'MB512', 'MB513', 'MB520', 'MB537', 'MB601', 'MB626'],
  },
  MB536: {
    severity: 'fail',
    title: 'The containers can’t be made',
    cause:
      'A ConfigMap, a Secret, a key of one or a volume that the pod names is missing, or its command does not exist.',
    evidence:
      'The container’s waiting reason (CreateContainerConfigError, CreateContainerError, RunContainerError), or the event FailedMount.',
    fix: 'Make what is missing, or mend its name.',
    hides: ['MB404', 'MB511', 'MB512', 'MB513', 'MB520', 'MB521', 'MB537'],
  },
  MB537: {
    severity: 'fail',
    title: 'The rollout has stopped',
    cause: 'The Deployment made no progress for its progressDeadlineSeconds, and its pods show no reason.',
    evidence: 'The condition Progressing with the reason ProgressDeadlineExceeded.',
    fix: 'Look at the Deployment’s and its ReplicaSet’s events.',
    hides: ['MB404', 'MB511', 'MB512', 'MB513'],
  },
  MB538: {
    severity: 'fail',
    title: 'An object of the release is being deleted',
    cause:
      'Somebody deleted it, and a finalizer keeps it until whoever set it is done; where its controller is gone, that is for ever. A workload’s pods may be gone already.',
    evidence:
      'Its deletionTimestamp and its finalizers. Where it has none but those that the cluster itself clears, only after a minute.',
    fix: 'Bring the finalizer’s controller back, or clear the finalizer; then `restore`.',
    hides: ['MB520', 'MB521', 'MB530', 'MB534', 'MB537', 'MB545'],
  },
  MB541: {
    severity: 'warn',
    title: 'No pod may be evicted',
    cause:
      'The PodDisruptionBudget asks for as many pods as there are. A rollout passes over it, but draining a node, and this tool’s restarts, which evict, wait for ever.',
    evidence: 'Its status: every expected pod is healthy, and disruptionsAllowed is 0.',
    fix: 'Allow one disruption (maxUnavailable: 1), or run one more pod.',
  },
  MB542: {
    severity: 'warn',
    title: 'Pods wait to be deleted by hand',
    cause: 'The workload’s update strategy is OnDelete: pods keep the template that they were made from.',
    evidence: 'Pods of an older template, and the settings in which they differ.',
    fix: 'Delete the pods one by one; each deletion empties its cache. Of a paced restore that does not go on (a label says so), the same `restore`, or `undo`.',
    fixable: true,
    hides: ['MB530', 'MB511', 'MB512', 'MB513'],
  },
  MB543: {
    severity: 'warn',
    title: 'A Deployment is paused',
    cause:
      'Somebody ran `kubectl rollout pause`: changes of the template wait. A label says so where a paced restore did, which goes on by itself or was cut off.',
    evidence: '`spec.paused`, and the settings in which pods differ from the template.',
    fix: '`kubectl rollout resume`; of a paced restore that does not go on, the same `restore`, or `undo`.',
    hides: ['MB530', 'MB511', 'MB512', 'MB513'],
  },
  MB544: {
    severity: 'warn',
    title: 'A partition holds pods back',
    cause: 'The StatefulSet updates pods from an ordinal on only (a canary that was not carried on).',
    evidence: '`spec.updateStrategy.rollingUpdate.partition`, and pods of an older template.',
    fix: 'Set the partition to 0.',
    hides: ['MB530'],
  },
  MB545: {
    severity: 'note',
    title: 'A workload has no pods',
    cause: 'It was scaled to 0.',
    evidence: '`spec.replicas`.',
    fix: 'Scale it up when it is wanted again.',
  },
  MB550: {
    severity: 'warn',
    title: 'Pods have not read a changed ConfigMap or Secret',
    cause:
      'It was written after they were started. Env is never renewed, and memcached and the scripts that start it read files once. What only other containers read (an exporter, a mesh) is their matter. The server keeps one time a writer, so that it may have been written with the same content.',
    evidence: 'The time of its last write (managedFields) against the containers’ start, and `stats uptime`.',
    fix: 'Restart the workload; that empties the cache.',
    fixable: true,
  },
  MB551: {
    severity: 'note',
    standing: true,
    title: 'Nobody reads a ConfigMap of the release',
    cause:
      'Many charts carry a ConfigMap for show: memcached reads no configuration file. “Edit it and restart” changes nothing and empties the cache. (What a program reads through the API can’t be seen.)',
    evidence: 'No pod and no workload of the namespace mounts it or takes env from it.',
    fix: 'Change the workload’s arguments, or the values that make them.',
  },
} as const satisfies Codes;
