import type { Codes } from '../code.ts';
import { RUN_SYMPTOMS } from '../schedule/job-codes.ts';

/** What a backup, or a release, that gets no volume looks like from outside. */
const WITHOUT_VOLUME = [...RUN_SYMPTOMS, 'MB233', 'MB234', 'MB533', 'MB536'] as const;

/** PersistentVolumeClaims, and the credentials for a store elsewhere. */
export const CLAIM_CODES = {
  MB310: {
    severity: 'fail',
    title: 'A claim does not exist',
    cause:
      'A workload of the release or a backup CronJob names a PersistentVolumeClaim that was never made, or was deleted.',
    evidence: 'The claims of the namespace.',
    fix: 'Create it: a workload’s by its chart; a CronJob’s with 1Gi of the default StorageClass (this alone is made, and not where Argo CD or Flux owns the CronJob).',
    fixable: true,
    hides: WITHOUT_VOLUME,
  },
  MB311: {
    severity: 'fail',
    title: 'A claim’s StorageClass does not exist',
    cause: 'The claim names a StorageClass that the cluster does not have; nothing will ever provision it.',
    evidence: '`spec.storageClassName`, and the cluster’s StorageClasses.',
    fix: 'Make the claim again with one that exists: the field can’t be changed.',
    hides: WITHOUT_VOLUME,
  },
  MB312: {
    severity: 'fail',
    title: 'A claim names no StorageClass, and there is no default',
    cause:
      'Without `storageClassName`, the default class provisions; the cluster has none, and no volume was made by hand that fits.',
    evidence:
      'The StorageClasses’ annotation storageclass.kubernetes.io/is-default-class, or the event FailedBinding.',
    fix: 'Name a class in the claim, or make one the default.',
    hides: WITHOUT_VOLUME,
  },
  MB313: {
    severity: 'fail',
    title: 'No volume fits a claim',
    cause:
      'Nothing provisions for the claim’s class (it is empty, or has no provisioner), and no PersistentVolume that is free has this class and size.',
    evidence: 'The cluster’s PersistentVolumes, or the event FailedBinding.',
    fix: 'Create a PersistentVolume, or make the claim again with a class that provisions.',
    hides: WITHOUT_VOLUME,
  },
  MB314: {
    severity: 'fail',
    title: 'A claim is not provisioned',
    cause:
      'The class’s provisioner fails, or is not there: a CSI driver that is down or was never installed, a quota of the cloud, wrong parameters.',
    evidence:
      'The event ProvisioningFailed; or ExternalProvisioning, or none, for a claim that has waited for more than 30 s, or for 5 minutes where the provisioner says that it is at it (Provisioning). Where the class waits for the first pod, since a node was chosen for it.',
    fix: 'Look at the provisioner’s pods and logs; the event says what it met.',
    hides: WITHOUT_VOLUME,
  },
  MB315: {
    severity: 'note',
    title: 'A claim waits for its first pod',
    cause:
      'Its StorageClass binds when a pod uses the claim (volumeBindingMode: WaitForFirstConsumer). The first backup will do that.',
    evidence:
      'The newest event is WaitForFirstConsumer or WaitForPodScheduled, or there is none and the class has this binding mode; and no node has been chosen (annotation volume.kubernetes.io/selected-node).',
    fix: 'Nothing to do.',
  },
  MB316: {
    severity: 'fail',
    title: 'A claim has lost its volume',
    cause:
      'The PersistentVolume that it was bound to was deleted, or the claim was made again with the old volumeName. What was in it is not reachable by the claim.',
    evidence: '`status.phase` Lost.',
    fix: 'Keep what you can of the volume (its data may still be on the storage), then delete the claim and make it again without volumeName.',
    hides: WITHOUT_VOLUME,
  },
  MB317: {
    severity: 'fail',
    title: 'A volume is held on another node',
    cause:
      'The volume can be attached to one node at a time (ReadWriteOnce), and a pod on another node holds it: a backup’s pod beside the release’s, or a node that died.',
    evidence: 'The event FailedAttachVolume (Multi-Attach error) of the pod that waits.',
    fix: 'Let both run on one node (affinity), end the pod that holds it, or use a class that offers ReadWriteMany.',
    hides: WITHOUT_VOLUME,
  },
  MB318: {
    severity: 'fail',
    title: 'A claim for one pod is used by another',
    cause:
      'The claim’s access mode is ReadWriteOncePod: only one pod of the cluster may use it, and one does.',
    evidence: 'The scheduler’s words about the pod that waits.',
    fix: 'End the other pod, or make the claim with ReadWriteOnce or ReadWriteMany.',
    hides: WITHOUT_VOLUME,
  },
  MB319: {
    severity: 'fail',
    title: 'No volume offers a claim’s access mode',
    cause:
      'The claim asks for an access mode (ReadWriteMany, say) that its class’s storage, or every PersistentVolume of its class, lacks.',
    evidence: 'The event ProvisioningFailed, or the access modes of the volumes that are free.',
    fix: 'Make the claim again with an access mode that the storage has, or with another class.',
    hides: WITHOUT_VOLUME,
  },
  MB320: {
    severity: 'warn',
    title: 'A volume is nearly full',
    cause: 'Less than 10 % of its bytes or inodes are free. Old backups are not deleted by themselves.',
    evidence: 'The kubelet’s numbers (`/stats/summary` of the node, where you may get nodes/proxy).',
    fix: 'Make it larger where its class allows that, or remove old backups.',
  },
  MB321: {
    severity: 'fail',
    title: 'A volume is full',
    cause:
      'Less than 3 % of its bytes or inodes are free, the threshold of the alert KubePersistentVolumeFillingUp (kubernetes-mixin): the next write may fail.',
    evidence: 'The kubelet’s numbers (`/stats/summary` of the node, where you may get nodes/proxy).',
    fix: 'Make it larger where its class allows that, or remove old backups.',
  },
  MB322: {
    severity: 'warn',
    title: 'A claim is being deleted',
    cause:
      'Somebody deleted the claim while pods use it (finalizer kubernetes.io/pvc-protection): it goes, with its data, when the last of them ends.',
    evidence: '`metadata.deletionTimestamp`.',
    fix: 'A deletion can’t be taken back: copy what is in it while the pods run.',
  },
  MB330: {
    severity: 'fail',
    title: 'The Secret with the S3 credentials does not exist',
    cause: 'The backup takes AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from a Secret that is not there.',
    evidence: 'The Secrets of the namespace.',
    fix: 'Create it.',
    hides: [...RUN_SYMPTOMS, 'MB231'],
  },
  MB331: {
    severity: 'fail',
    title: 'The Secret with the S3 credentials lacks a key',
    cause:
      'The Secret is there, and AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY, or the key that the pod names for it, is not in it.',
    evidence: 'The Secret’s keys, never a value.',
    fix: 'Add the key.',
    hides: [...RUN_SYMPTOMS, 'MB232'],
  },
  MB332: {
    severity: 'fail',
    title: 'An S3 credential is empty',
    cause: 'The key is there, and nothing is in it: a variable was not set when the Secret was made.',
    evidence: 'The value’s length, never the value.',
    fix: 'Set it.',
    hides: [...RUN_SYMPTOMS, 'MB242', 'MB252'],
  },
  MB333: {
    severity: 'fail',
    title: 'An S3 credential has a blank around it',
    cause:
      'It begins or ends with a line break or a blank, as `echo … | base64` leaves it: S3 refuses it (SignatureDoesNotMatch, InvalidAccessKeyId), or the request can’t even be built.',
    evidence: 'Which blank, and where; never the value.',
    fix: 'Set it again without: `--from-literal`, or `echo -n`.',
    hides: [...RUN_SYMPTOMS, 'MB242', 'MB252'],
  },
} as const satisfies Codes;
