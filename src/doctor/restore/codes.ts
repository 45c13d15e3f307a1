import type { Codes } from '../code.ts';

export const RESTORE_CODES = {
  MB400: {
    severity: 'ok',
    title: 'A restore would work',
    cause:
      'The newest complete backup of each release was read, its digests checked, its restore planned and every write tried by the API server (dryRun=All). Nothing was written.',
    evidence: 'What the restore would change, and how many caches it would empty.',
    fix: 'Nothing to do.',
  },
  MB401: {
    severity: 'note',
    title: 'Nothing to restore from',
    cause: 'The store holds no backup of the release, or none that is complete and undamaged.',
    evidence: 'What the store lists of it.',
    fix: 'Take a backup, or name the store that holds them with `--store`.',
  },
  MB402: {
    severity: 'fail',
    title: 'The newest backup can’t be restored',
    cause:
      'A file of it is missing, or its bytes are not those that were written: a disk fault, a copy that broke off, an edit. Or it holds what no backup holds: somebody wrote to the store.',
    evidence: 'The file or object, and what is wrong with it, in the words of `verify`.',
    fix: 'Restore an earlier one, take a new backup, and check the disk.',
  },
  MB403: {
    severity: 'warn',
    title: 'Only backups of another cluster',
    cause:
      'The store holds backups of a release of this name and namespace, taken in another cluster (another uid of kube-system). `latest` passes over them.',
    evidence: 'The clusters’ names in the store.',
    fix: 'Take a backup here. To restore one of theirs, name it: `restore RELEASE@ID`.',
  },
  MB404: {
    severity: 'note',
    title: 'The settings differ from the newest backup',
    cause:
      'The pods run with other settings than at the newest backup: somebody upgraded the release, edited it, or changed the running server since. All may work, and it may be what was meant.',
    evidence:
      'Settings in which `stats settings` of the pods is not what it was in the backup; of pods that do not answer nothing is said.',
    fix: '`diff` shows all of it. Where it was meant, take a backup; else `restore` takes it back, and says first which caches that empties.',
  },
  MB405: {
    severity: 'note',
    title: 'The newest backup is of a release that was not up',
    cause:
      'A backup holds what was there: this one was taken while pods were not ready, a rollout was under way or failing, or Helm’s release had failed. `restore RELEASE` would bring that back.',
    evidence: 'What the backup says of its moment, and the newest one that was taken while all was up.',
    fix: '`restore RELEASE@healthy` takes the newest backup of a release that was up. Take a new one once all is up again.',
  },
  MB410: {
    severity: 'fail',
    title: 'A kind is missing',
    cause:
      'The backup holds objects of a kind that this cluster does not serve: a CustomResourceDefinition was removed, or never installed here.',
    evidence: 'What the API server lists of the API group.',
    fix: 'Install what defines the kind (its operator, its chart’s crds), then look again.',
  },
  MB411: {
    severity: 'fail',
    title: 'An API version is no longer served',
    cause:
      'The cluster knows the kind, but not in the version in which the backup has it: an upgrade removed the version.',
    evidence: 'The backup’s apiVersion, and the one that is served.',
    fix: 'Take a new backup while the release lives: the API server then gives the new version. Of an old one, change apiVersion in its manifests/ and apply them (see its RUNBOOK.md).',
  },
  MB412: {
    severity: 'warn',
    title: 'An object would be deleted and made again',
    cause:
      'A field that Kubernetes does not let anyone change differs from the backup (a selector, a clusterIP, volumeClaimTemplates). A workload’s pods end with it, and their caches.',
    evidence: 'The API server’s words of the dry run.',
    fix: 'Know it before you restore; `restore --dry-run=server` shows the whole plan.',
  },
  MB413: {
    severity: 'fail',
    title: 'A Service may lose its address',
    cause:
      'A field of the Service that can’t be changed differs from the backup. Making it again may give it another address than clients have kept: restore refuses without --recreate.',
    evidence: 'The API server’s words of the dry run.',
    fix: '`restore --recreate`, and restart clients that keep addresses.',
  },
  MB414: {
    severity: 'fail',
    title: 'The API server would not take an object',
    cause:
      'The API server refuses an object of the backup in a dry run, for a reason that no other code names.',
    evidence: 'The API server’s words.',
    fix: 'Mend what it names, or restore another backup.',
  },
  MB415: {
    severity: 'note',
    title: 'A write could not be tried',
    cause:
      'An admission webhook does not support dry run, or a role that a binding names does not exist yet: only the restore itself will tell.',
    evidence: 'The object, and why nobody could be asked.',
    fix: 'Nothing to do. A restore whose write fails is undone by itself.',
  },
  MB416: {
    severity: 'fail',
    title: 'A finalizer holds what would be deleted',
    cause:
      'A restore would delete an object, or delete it and make it again, that has a finalizer which the cluster itself does not clear: it stays, without its pods, until whoever set the finalizer is done. Restore refuses without --recreate.',
    evidence: 'The object and its finalizer.',
    fix: 'Have the finalizer cleared, or `restore --recreate`, which waits for it as long as --timeout says.',
    hides: ['MB412'],
  },
  MB420: {
    severity: 'fail',
    title: 'An admission rule refuses',
    cause:
      'A webhook, a ValidatingAdmissionPolicy, a LimitRange or another admission plugin refuses an object of the backup, or the pods that its workload would make.',
    evidence: 'The API server’s words, which name the rule.',
    fix: 'Exempt the release from the rule, or restore a backup that keeps to it.',
  },
  MB421: {
    severity: 'fail',
    title: 'An admission webhook does not answer',
    cause:
      'A webhook that has to agree to the write (failurePolicy: Fail) can’t be called: its pods are down, its certificate is wrong, a NetworkPolicy is in the way.',
    evidence: 'The API server’s words, which name the webhook.',
    fix: 'Bring the webhook back, or remove its configuration: `kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations`.',
  },
  MB422: {
    severity: 'fail',
    title: 'Pod Security refuses the pods',
    cause:
      'The namespace enforces a Pod Security level (label pod-security.kubernetes.io/enforce) that the backup’s pods don’t meet. Workloads are taken, and their pods never come.',
    evidence: 'The API server’s words to a pod that it was asked to try.',
    fix: 'Lower the level of the namespace for the restore, or restore a backup whose pods meet it.',
  },
  MB423: {
    severity: 'fail',
    title: 'A quota leaves no room',
    cause:
      'A ResourceQuota of the namespace is used up by what would be created, or asks for requests and limits that the pods don’t have.',
    evidence: 'The API server’s words: what is asked for, used and allowed.',
    fix: 'Raise the quota, or free some of it: `kubectl describe resourcequota`.',
  },
  MB424: {
    severity: 'warn',
    title: 'A quota leaves no room beside the running pods',
    cause:
      'The release’s pods run, and the namespace’s ResourceQuota has no room for one more. A restore that changes them would wait for ever where the rollout needs a pod beside the old ones (maxSurge without maxUnavailable).',
    evidence: 'The API server’s words to a pod that it was asked to try.',
    fix: 'Raise the quota before you restore.',
  },
  MB430: {
    severity: 'warn',
    title: 'An object belongs to another release',
    cause:
      'An object that the restore would write carries the annotation meta.helm.sh/release-name of another release: that one’s next upgrade would take it back, and its uninstall would delete it. restore refuses without --force.',
    evidence: 'The annotation of the live object.',
    fix: 'Rename one of the two, or uninstall the other release first.',
  },
  MB431: {
    severity: 'note',
    title: 'Something else would revert a restore',
    cause:
      'Argo CD, Flux or an operator manages the release’s objects and would put back what it holds itself. restore refuses without --force.',
    evidence: 'The annotation or label by which it is told.',
    fix: 'Suspend it first, or change what it holds.',
  },
  MB432: {
    severity: 'note',
    title: 'The release holds other workloads',
    cause: 'A restore would take them back too; it refuses without --whole-release.',
    evidence: 'The workloads that don’t run memcached.',
    fix: '`restore --whole-release` where that is meant.',
  },
  MB440: {
    severity: 'fail',
    title: 'The namespace is being deleted',
    cause:
      'Nothing can be created in a namespace that is terminating. One that stays so holds objects with finalizers whose controller is gone.',
    evidence: '`status.phase`, and the conditions that name what remains.',
    fix: 'Wait until it is gone, then restore; the restore makes it anew.',
    hides: ['MB441', 'MB442'],
  },
  MB441: {
    severity: 'fail',
    title: 'The namespace is gone',
    cause: 'The namespace does not exist, and the store holds backups of releases in it.',
    evidence: 'The API server’s answer, and the backups.',
    fix: 'Restore the releases: `restore` makes the namespace as it was.',
    hides: ['MB442'],
  },
  MB442: {
    severity: 'fail',
    title: 'The release is gone',
    cause: 'Nothing of the release that was named is in the cluster, and the store holds a backup of it.',
    evidence: 'The backup.',
    fix: 'Restore it. Where the newest backup is of a release that was not up, `restore RELEASE@healthy` takes the newest that was.',
    hides: ['MB510'],
  },
  MB443: {
    severity: 'note',
    title: 'Backups of releases that are not here',
    cause: 'The store holds backups of releases that the namespace does not have: uninstalled, or deleted.',
    evidence: 'Their names, and their newest backups.',
    fix: 'Nothing to do where they were removed on purpose; else restore them.',
  },
  MB450: {
    severity: 'fail',
    title: 'A Helm operation is under way',
    cause:
      'Helm’s newest record is pending, or uninstalling, since less than 10 minutes: somebody may be at work. restore refuses without --force.',
    evidence: 'The revision, its status and its age.',
    fix: 'Wait for it; `helm history` shows how it ends.',
    hides: ['MB513'],
  },
  MB451: {
    severity: 'warn',
    title: 'A Helm operation was cut off',
    cause: 'Helm’s record has been pending for more than 10 minutes. Helm itself refuses to work on it.',
    evidence: 'The revision, its status and its age.',
    fix: 'A restore marks it as failed and goes on; so does `helm rollback`.',
  },
  MB460: {
    severity: 'warn',
    title: 'A restore is under way',
    cause:
      'Somebody holds the release’s Lease: a restore or an undo works on it now, and another would refuse.',
    evidence: 'The holder (user@host/pid) and when it was renewed last.',
    fix: 'Wait for it; a holder that died gives way after 15 s.',
  },
  MB461: {
    severity: 'warn',
    title: 'A stale Lease',
    cause:
      'The release’s Lease was not renewed for its 15 s, or its holder, a process of this machine, is gone: a restore or an undo was killed.',
    evidence: 'The holder and when it was renewed last.',
    fix: 'Nothing has to be done: the next restore takes it over. Delete it to have it away.',
    fixable: true,
  },
  MB462: {
    severity: 'fail',
    title: 'A restore was cut off',
    cause:
      'The last restore’s journal has no end: it was killed, or lost the cluster. The release may be half what it was and half what it should be. What Helm says of its newest revision is then of this restore, where that is the revision it wrote.',
    evidence:
      'When it began, to which backup, how far it came, and which revision of Helm’s it left unfinished.',
    fix: '`restore` goes on with it. `undo` takes it back, to what ran before; that is not advised where the pods were not up then.',
    hides: ['MB461', 'MB450', 'MB451', 'MB511', 'MB512', 'MB513'],
  },
  MB463: {
    severity: 'warn',
    title: 'A journal of a restore can’t be read',
    cause:
      'Something else lies under its name (a folder, a named pipe, a symbolic link), another version of the tool wrote it, or it was edited: its lines are chained by digest. What its restore did can’t be undone by it; while it is the newest, `undo` refuses, and takes no older restore back in its place.',
    evidence: 'The file, and what is wrong with it.',
    fix: 'See who else can write to the store. Move the file away, once nothing of that restore is to be undone.',
  },
  MB464: {
    severity: 'warn',
    title: 'A restore left something for the next restart',
    cause:
      'The last restore was carried out with `--without-restart`: what memcached can change as it runs was sent to the pods, and what would have ended them was not written. New pods come up as before it.',
    evidence:
      'Each object that was left, with the settings that only a restart changes, and what was set in pods that still live.',
    fix: '`restore` of the same backup completes it, which empties these caches. `undo` takes it back. It is said until somebody writes what was left.',
    hides: ['MB520', 'MB522', 'MB404'],
  },
  MB470: {
    severity: 'warn',
    title: 'You may not restore',
    cause: 'Permissions that the restore’s plan takes are missing for you. Somebody else may have them.',
    evidence: 'Each permission (SelfSubjectAccessReview, and refusals of dry runs).',
    fix: 'Have them granted: `permissions restore RELEASE -o yaml --for user:NAME` prints the Role.',
  },
} as const satisfies Codes;
