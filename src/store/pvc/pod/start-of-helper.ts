import { type Advice, advice } from '../../../advice/advice.ts';
import { type Command, kubectl } from '../../../advice/command.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../../../model/json/json.ts';
import { waitingCause } from '../../../model/kubernetes/container-reason.ts';
import type { ReportedEvent } from '../../../model/kubernetes/event.ts';
import { type KubeObject, nameOf } from '../../../model/kubernetes/object.ts';
import { condition } from '../../../model/kubernetes/rollout.ts';
import type { TroubleKind } from '../../store-error.ts';
import { HELPER_CONTAINER, hasEnded } from './helper-pod.ts';

/** What keeps a store on a claim from being reached. */
export interface ClaimTrouble {
  kind: TroubleKind;
  /** One clause. */
  why: string;
  next: Advice;
}

/** How a pod is that was made, and what its cluster says about it. */
export interface StartingHelper {
  pod: KubeObject;
  claim: KubeObject;
  /** Of the pod and of the claim, newest first; empty where they may not be listed. */
  podEvents: readonly ReportedEvent[];
  claimEvents: readonly ReportedEvent[];
  /** The pod on the node where this one has to run. */
  there?: string;
  image: string;
  /** Since it was made, milliseconds. */
  waitedMs: number;
}

/** What to do about a pod that runs something else. */
export const THIS_VERSION = 'see that --helper-image names an image of this tool, in this version';

/** A cluster that is at it may take so long: a disk is made and attached, an image of some 50 MB is pulled. */
export const START_LIMIT_MS = 120_000;

/** What the scheduler or the kubelet says first may be over a moment later, milliseconds. */
const SETTLED_MS = 4_000;
/** A disk that another node gives up, or a share that does not answer at once. */
const MOUNTED_MS = 20_000;

/**
 * Whether the server in the pod can be talked to, what keeps it from that for good, or 'not yet'. The reasons are those of the
 * scheduler (pkg/scheduler/framework/plugins), the controllers of volumes (pkg/controller/volume) and the kubelet.
 */
export function startOf(starting: StartingHelper): 'running' | 'not yet' | ClaimTrouble {
  const { pod, waitedMs } = starting;
  const status = arrayAt(pod, 'status', 'containerStatuses').find(
    (each) => stringAt(each, 'name') === HELPER_CONTAINER,
  );
  if (hasEnded(pod)) return ended(pod, status);
  if (objectAt(status, 'state', 'running') !== undefined) return 'running';
  const waiting = stringAt(status, 'state', 'waiting', 'reason');
  const found =
    ofContainer(starting, waiting, stringAt(status, 'state', 'waiting', 'message') ?? '') ??
    ofScheduler(starting) ??
    ofVolume(starting);
  if (found !== undefined) return found;
  if (waitedMs < START_LIMIT_MS) return 'not yet';
  const [newest] = starting.podEvents;
  const last = newest === undefined ? (waiting ?? 'Pending') : `${newest.reason}: ${newest.message}`;
  return {
    kind: 'helper pod',
    why: `its pod did not start within ${START_LIMIT_MS / 1000} s (${last})`,
    next: describePod(pod),
  };
}

function ended(pod: KubeObject, status: Parameters<typeof stringAt>[0]): ClaimTrouble {
  const code = numberAt(status, 'state', 'terminated', 'exitCode');
  const said =
    stringAt(status, 'state', 'terminated', 'message') ??
    stringAt(pod, 'status', 'message') ??
    stringAt(status, 'state', 'terminated', 'reason');
  const how = code === undefined ? '' : ` with exit code ${code}`;
  return {
    kind: 'helper pod',
    why: `its pod ended${how}${said === undefined ? '' : `: ${oneLine(said)}`}`,
    next: THIS_VERSION,
  };
}

function ofContainer(
  { image, waitedMs, pod }: StartingHelper,
  reason: string | undefined,
  message: string,
): ClaimTrouble | undefined {
  const cause = waitingCause(reason);
  // The first pull may fail for a reason that passes; the kubelet then says ImagePullBackOff.
  if (cause === undefined || (reason === 'ErrImagePull' && waitedMs < SETTLED_MS)) return undefined;
  if (cause === 'image')
    return {
      kind: 'helper image',
      why: `the image ${image} of its pod can't be pulled (${reason}: ${oneLine(message)})`,
      next: 'name one that the cluster can pull: --helper-image IMAGE, or MEMCACHED_BACKUP_HELPER_IMAGE',
    };
  return {
    kind: 'helper pod',
    why: `its pod does not start (${reason}: ${oneLine(message)})`,
    next: describePod(pod),
  };
}

function ofScheduler({ pod, claim, claimEvents, there, waitedMs }: StartingHelper): ClaimTrouble | undefined {
  const scheduled = condition(pod, 'PodScheduled');
  if (stringAt(scheduled, 'status') !== 'False') return undefined;
  const said = oneLine(stringAt(scheduled, 'message') ?? stringAt(scheduled, 'reason') ?? '');
  if (waitedMs < SETTLED_MS) return undefined;
  if (/ReadWriteOncePod/.test(said))
    return { kind: 'claim held', why: `another pod has its claim (${said})`, next: podsOf(claim) };
  if (/PersistentVolume|volume node affinity|persistent volumes/i.test(said)) {
    const failed = claimEvents.find(({ reason }) => /Failed|FailedBinding/.test(reason));
    const isBeingMade = claimEvents.some(({ reason }) => /^(?:External)?Provisioning$/.test(reason));
    if (failed === undefined && isBeingMade && waitedMs < START_LIMIT_MS) return undefined;
    const why = failed === undefined ? said : `${failed.reason}: ${oneLine(failed.message)}`;
    return { kind: 'claim unbound', why: `its claim has no volume (${why})`, next: describeClaim(claim) };
  }
  if (there !== undefined)
    return {
      kind: 'claim held',
      why: `pod/${there} has its claim, and beside that on its node there is no room for another pod (${said})`,
      next: podsOf(claim),
    };
  // A node may be made for it.
  if (waitedMs < MOUNTED_MS) return undefined;
  return { kind: 'helper pod', why: `its pod finds no node (${said})`, next: describePod(pod) };
}

function ofVolume({ pod, claim, podEvents, waitedMs }: StartingHelper): ClaimTrouble | undefined {
  const failed = podEvents.find(({ reason }) => ['FailedAttachVolume', 'FailedMount'].includes(reason));
  if (failed === undefined || waitedMs < SETTLED_MS) return undefined;
  const said = `${failed.reason}: ${oneLine(failed.message)}`;
  if (/Multi-Attach/.test(failed.message))
    return { kind: 'claim held', why: `another node has its volume (${said})`, next: podsOf(claim) };
  if (waitedMs < MOUNTED_MS) return undefined;
  return { kind: 'helper pod', why: `its volume can't be mounted (${said})`, next: describePod(pod) };
}

function describePod(pod: KubeObject): Command {
  // The pod itself is removed when the command ends; its events stay for an hour.
  const { name, namespace } = { name: nameOf(pod), namespace: stringAt(pod, 'metadata', 'namespace') ?? '' };
  return kubectl('get', 'events', '-n', namespace, '--field-selector', `involvedObject.name=${name}`);
}

export function describeClaim(claim: KubeObject): Command {
  return kubectl('describe', 'pvc', nameOf(claim), '-n', stringAt(claim, 'metadata', 'namespace') ?? '');
}

/** "Used By" there names the pods. */
function podsOf(claim: KubeObject): Advice {
  return advice`see which pods use it: ${describeClaim(claim)}`;
}

const MAX_WORDS = 300;

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= MAX_WORDS ? line : `${line.slice(0, MAX_WORDS)}…`;
}
