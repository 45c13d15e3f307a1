import { type Command, kubectl, pipe, shell } from '../../advice/command.ts';
import type { Finding, Repair } from '../../model/findings/finding.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import type { ReportedEvent } from '../../model/kubernetes/event.ts';
import { displayName, type KubeObject, type ObjectRef, refOf } from '../../model/kubernetes/object.ts';
import { type ClaimUse, usersText } from './claims.ts';
import { describeClaim, inNamespaceOf, ofClaim } from './of-claim.ts';

/** A claim that is not there, has lost its volume, or is on its way out. */
export function judgeClaimExists(claim: KubeObject | 'absent', use: ClaimUse): Finding[] {
  const { ref } = use;
  const { namespace, name } = ref;
  if (claim === 'absent') {
    // Its controller makes it with the pod; what is in the way of that is no matter of storage.
    if (use.made) return [];
    return [
      ofClaim('MB310', use, {
        summary: `does not exist; ${usersText(use)} names it`,
        evidence: [{ text: `no persistentvolumeclaim "${name}" in namespace ${namespace}` }],
        advice: [pipe(shell('echo', JSON.stringify(claimNamed(ref))), kubectl('apply', '-f', '-'))],
        ...(use.onlyForJobs ? { repair: creationOf(ref) } : {}),
      }),
    ];
  }
  const found: Finding[] = [];
  if (stringAt(claim, 'status', 'phase') === 'Lost') {
    const volume = stringAt(claim, 'spec', 'volumeName') ?? '';
    found.push(
      ofClaim('MB316', use, {
        summary: `has lost its volume ${volume}`,
        evidence: [{ text: `status.phase: Lost; spec.volumeName: ${volume}` }],
        advice: [
          kubectl('get', 'pv', '--ignore-not-found', volume),
          kubectl('delete', 'pvc', name, ...inNamespaceOf(use)),
        ],
      }),
    );
  }
  const deleted = stringAt(claim, 'metadata', 'deletionTimestamp');
  if (deleted !== undefined) {
    found.push(
      ofClaim('MB322', use, {
        summary: `is being deleted, and goes with its data when the last pod that uses it ends`,
        evidence: [{ text: 'metadata.deletionTimestamp', at: deleted }],
        advice: [describeClaim(use)],
      }),
    );
  }
  return found;
}

/** A pod that waits for the claim's volume, and what is reported of it. */
export interface WaitingPod {
  pod: KubeObject;
  /** About the pod, the newest first. */
  events: readonly ReportedEvent[];
}

/** A claim whose volume another pod holds: on another node, or because only one pod may have it. */
export function judgeHeld(use: ClaimUse, pods: readonly WaitingPod[]): Finding[] {
  return pods.flatMap(({ pod, events }) => {
    const where = displayName(refOf(pod));
    const attach = events.find(
      ({ reason, message }) => reason === 'FailedAttachVolume' && /Multi-Attach/.test(message),
    );
    if (attach !== undefined && stringAt(pod, 'status', 'phase') === 'Pending') {
      return [
        ofClaim('MB317', use, {
          summary: `its volume is held on another node, so that ${where} waits`,
          evidence: [{ text: attach.message, ...(attach.at === '' ? {} : { at: attach.at }) }],
          advice: podsCommands(use),
          about: [refOf(pod)],
        }),
      ];
    }
    const scheduled = arrayAt(pod, 'status', 'conditions').find(
      (condition) =>
        stringAt(condition, 'type') === 'PodScheduled' && stringAt(condition, 'status') === 'False',
    );
    const message = stringAt(scheduled, 'message') ?? '';
    if (!/ReadWriteOncePod/.test(message)) return [];
    const at = stringAt(scheduled, 'lastTransitionTime');
    return [
      ofClaim('MB318', use, {
        summary: `only one pod may use it, and one does, so that ${where} waits`,
        evidence: [{ text: message, ...(at === undefined ? {} : { at }) }],
        advice: podsCommands(use),
        about: [refOf(pod)],
      }),
    ];
  });
}

function podsCommands(use: ClaimUse): Command[] {
  return [
    pipe(describeClaim(use), shell('grep', '-A5', 'Used By')),
    kubectl('get', 'pods', ...inNamespaceOf(use), '-o', 'wide'),
  ];
}

function creationOf(ref: ObjectRef): Repair {
  return {
    what: `create persistentvolumeclaim/${ref.name}, 1Gi of the default StorageClass`,
    steps: [{ action: 'create', object: claimNamed(ref) }],
  };
}

/** As the backup guide has it. */
function claimNamed({ namespace = 'default', name }: ObjectRef): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}
