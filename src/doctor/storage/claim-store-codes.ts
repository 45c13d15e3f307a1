import type { Codes } from '../code.ts';

/** What keeps a store on a claim from being used. */
export const CLAIM_STORE_CODES = {
  MB369: {
    severity: 'fail',
    title: 'The pod that reaches the store on a claim does not run',
    cause:
      'A store on a claim is reached through a short-lived pod that mounts it, and that pod is refused (permissions, Pod Security, a quota, a policy), finds no node, or ends at once.',
    evidence: 'The API server’s answer, the scheduler’s words, or how the container ended.',
    fix: 'Allow it: `permissions COMMAND --store pvc://…` prints what it takes; docs/stores.md shows the pod.',
    hides: ['MB401'],
  },
  MB395: {
    severity: 'fail',
    title: 'The store’s claim does not exist',
    cause:
      'The PersistentVolumeClaim that `--store` names was never made, was deleted, or lies in another namespace.',
    evidence: 'The API server knows no such claim.',
    fix: 'Correct its name or namespace (`pvc://NAMESPACE/CLAIM`), or make it.',
    hides: ['MB401'],
  },
  MB396: {
    severity: 'fail',
    title: 'The store’s claim has no volume',
    cause:
      'It is pending: its class provisions nothing, fails to, or no volume fits. Or it has lost its volume, or is being deleted.',
    evidence: 'The claim’s phase, and its events.',
    fix: 'See why: `kubectl describe pvc`; name another store until then.',
    hides: ['MB401'],
  },
  MB397: {
    severity: 'fail',
    title: 'The store’s claim is held by another pod',
    cause:
      'The volume can be on one node at a time (ReadWriteOnce), or in one pod (ReadWriteOncePod), and another pod has it.',
    evidence: 'The pods that mount the claim, the scheduler’s words, or the event FailedAttachVolume.',
    fix: 'Wait until that pod has ended, or use a claim with ReadWriteMany.',
    hides: ['MB401'],
  },
  MB398: {
    severity: 'fail',
    title: 'The image of the store’s pod can’t be pulled',
    cause:
      'The node can’t get this tool’s image: it is not in the registry that the cluster uses, its name is wrong, or credentials lack.',
    evidence: 'The reason that the container waits for, in the kubelet’s words.',
    fix: 'Name one that can be pulled: `--helper-image` or MEMCACHED_BACKUP_HELPER_IMAGE.',
    hides: ['MB401'],
  },
  MB399: {
    severity: 'fail',
    title: 'The store’s volume denies what a backup needs',
    cause:
      'The pod runs as user and group 65532 and asks by fsGroup for a volume of that group; this kind of volume (host paths, some NFS) does not heed it.',
    evidence: 'Permission denied, where a folder is read or a small hidden file is written.',
    fix: 'Use a kind that honours fsGroup (CSI, local), or give its folder to group 65532 by hand.',
    hides: ['MB401'],
  },
} as const satisfies Codes;
