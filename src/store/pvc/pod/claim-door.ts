import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { advice } from '../../../advice/advice.ts';
import { kubectl, tool } from '../../../advice/command.ts';
import { brokenOff } from '../../../errors/interruptible.ts';
import { ToolError } from '../../../errors/tool-error.ts';
import { ApiError } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { withDeadline } from '../../../kube/deadline.ts';
import { EVENTS, PODS } from '../../../kube/resource-types.ts';
import { stringAt } from '../../../model/json/json.ts';
import { isBeingDeleted } from '../../../model/kubernetes/deletion.ts';
import { eventsOf, type ReportedEvent } from '../../../model/kubernetes/event.ts';
import { type KubeObject, nameOf, type ObjectRef, refOf, uidOf } from '../../../model/kubernetes/object.ts';
import { UnreadableStore } from '../../store-error.ts';
import type { HelperDoor } from '../client/helper.ts';
import { Link, LinkLost, OtherProtocol } from '../client/link.ts';
import type { PvcAccess } from '../pvc-access.ts';
import type { NamedClaim } from '../pvc-failure.ts';
import { SERVER_PORT } from '../wire/protocol.ts';
import { type Holders, holdersOf } from './claim-holders.ts';
import { hasEnded, helperPod, isHelper, mountsClaim } from './helper-pod.ts';
import { type ClaimTrouble, describeClaim, startOf, THIS_VERSION } from './start-of-helper.ts';

const MANAGER = 'memcached-backup';

/** How often a pod that starts is looked at, milliseconds. */
const LOOK_MS = 150;
/** Events are read where a pod takes longer than an ordinary one, and then so often. */
const EVENTS_AFTER_MS = 3_000;
const EVENTS_EVERY_MS = 2_000;

/** The pod of another command ends so long after it, where that was killed. */
const OTHERS_END_MS = 20_000;

/** From the start of the container until its program listens, and from one try to the next. */
const LISTENS_MS = 20_000;
const DIAL_AGAIN_MS = 100;
const DIAL_TIMEOUT_MS = 15_000;

/** A command that is over does not wait long for an API server that no longer answers. */
const REMOVAL_MS = 5_000;

export interface ClaimDoorOptions {
  claim: NamedClaim;
  /** From the claim's root to the store. */
  folder: readonly string[];
  access: PvcAccess;
  signal: AbortSignal | undefined;
}

/**
 * The way to the server of a claim: a pod that is made when it is needed first, and taken away when the command ends. A
 * command that is killed leaves the pod; its server ends soon after, and what is left of it is removed by the next command
 * that uses the claim.
 */
export class ClaimDoor implements HelperDoor {
  readonly #claim: NamedClaim;
  readonly #options: ClaimDoorOptions;
  /** The pod's own text shows its digest alone: whoever may read pods, or even forward ports, is not let in by that. */
  readonly #token = randomBytes(32);
  #pod: (ObjectRef & { uid: string }) | undefined;
  #making: Promise<void> | undefined;

  constructor(options: ClaimDoorOptions) {
    this.#options = options;
    this.#claim = options.claim;
  }

  async connect(): Promise<Link> {
    const kube = await this.#options.access.kube();
    if (this.#pod !== undefined) {
      const link = await this.#dial(kube).catch(() => undefined);
      if (link !== undefined) return link;
      await this.#remove(kube).catch(() => {});
    }
    try {
      await this.#start(kube);
      return await this.#dialUntilItListens(kube);
    } catch (error) {
      await this.#remove(kube).catch(() => {});
      throw error;
    }
  }

  async #start(kube: KubeClient): Promise<void> {
    const { access, folder } = this.#options;
    const claim = await this.#existing(kube);
    const holders = await this.#holders(kube, claim);
    const name = `memcached-backup-store-${randomBytes(5).toString('hex')}`;
    const wanted = helperPod({
      name,
      claim,
      folder,
      image: access.image,
      tokenDigest: createHash('sha256').update(this.#token).digest('hex'),
      place: holders.place,
    });
    access.atEnd(async () => {
      // A command that was interrupted is over before the answer is there, and the pod comes all the same.
      await this.#making?.catch(() => {});
      await this.#remove(kube);
    });
    this.#making = kube.create(wanted, { fieldManager: MANAGER, onWarning: () => {} }).then((made) => {
      this.#pod = { ...refOf(wanted), uid: uidOf(made) ?? '' };
    });
    await this.#allowed(this.#making);
    await this.#untilItRuns(kube, claim, holders);
  }

  /**
   * Who has the claim, once another pod can have it too. What ended before is cleared away.
   * @throws UnreadableStore where a pod has it for itself.
   */
  async #holders(kube: KubeClient, claim: KubeObject): Promise<Holders> {
    const { namespace } = this.#claim;
    const { signal } = this.#options;
    const until = performance.now() + OTHERS_END_MS;
    for (;;) {
      if (signal?.aborted === true) throw brokenOff(signal, undefined, {});
      const pods = await this.#allowed(kube.list(PODS, { namespace }));
      await Promise.all(pods.filter((pod) => isLeft(pod, nameOf(claim))).map((pod) => removeLeft(kube, pod)));
      const { only, ends, ...holders } = holdersOf(claim, pods);
      if (only === undefined) return holders;
      // The scheduler would find out as well, and look again only after some seconds.
      if (ends !== true || performance.now() > until)
        throw this.#trouble({
          kind: 'claim held',
          why: `pod/${only} has its claim, which is for one pod alone (ReadWriteOncePod)`,
          next: advice`wait until it has ended: ${kubectl('get', 'pod', only, '-n', namespace)}`,
        });
      await sleep(LOOK_MS);
    }
  }

  /** The claim, as far as a pod can mount it at all. */
  async #existing(kube: KubeClient): Promise<KubeObject> {
    const { namespace, claim: name } = this.#claim;
    const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name };
    const claim = await this.#allowed(kube.get(ref));
    if (claim === undefined)
      throw this.#trouble({
        kind: 'claim missing',
        why: `there is no claim ${name} in namespace ${namespace}`,
        next: advice`see which there are: ${kubectl('get', 'pvc', '-n', namespace)}; of pvc://A/B, A is always the namespace`,
      });
    const why =
      stringAt(claim, 'status', 'phase') === 'Lost'
        ? 'its claim has lost its volume'
        : isBeingDeleted(claim)
          ? 'its claim is being deleted'
          : undefined;
    if (why !== undefined) throw this.#trouble({ kind: 'claim unbound', why, next: describeClaim(claim) });
    return { apiVersion: ref.apiVersion, kind: ref.kind, ...claim };
  }

  async #untilItRuns(kube: KubeClient, claim: KubeObject, { there }: Holders): Promise<void> {
    const { access, signal } = this.#options;
    const began = performance.now();
    let eventsAt = EVENTS_AFTER_MS;
    let podEvents: ReportedEvent[] = [];
    let claimEvents: ReportedEvent[] = [];
    for (;;) {
      if (signal?.aborted === true) throw brokenOff(signal, undefined, {});
      const pod = await this.#allowed(kube.get(this.#ref()));
      if (pod === undefined)
        throw this.#trouble({
          kind: 'helper pod',
          why: 'somebody deleted its pod',
          next: 'run the same command again',
        });
      const waitedMs = performance.now() - began;
      if (waitedMs >= eventsAt) {
        eventsAt = waitedMs + EVENTS_EVERY_MS;
        const events = await eventsIn(kube, this.#claim.namespace);
        podEvents = eventsOf(events, this.#ref(), this.#pod?.uid);
        claimEvents = eventsOf(events, refOf(claim), uidOf(claim));
      }
      const seen = { pod, claim, podEvents, claimEvents, image: access.image, waitedMs };
      const start = startOf(there === undefined ? seen : { ...seen, there });
      if (start === 'running') return;
      if (start !== 'not yet') throw this.#trouble(start);
      await sleep(LOOK_MS);
    }
  }

  /** A pod runs before its program listens, and one that is not the tool's ends soon: what is refused is tried again. */
  async #dialUntilItListens(kube: KubeClient): Promise<Link> {
    const { access, signal } = this.#options;
    const end = performance.now() + LISTENS_MS;
    for (;;) {
      try {
        return await this.#dial(kube);
      } catch (error) {
        if (signal?.aborted === true) throw brokenOff(signal, undefined, {});
        if (error instanceof ApiError && error.lacksPermission) throw this.#refused(error);
        if (error instanceof OtherProtocol)
          throw this.#trouble({
            kind: 'helper pod',
            why: `its pod runs another version of this tool (${error.message})`,
            next: THIS_VERSION,
          });
        // The kubelet knows no more of a pod that ended a moment ago, before its status says so.
        if (!(error instanceof LinkLost || error instanceof ApiError)) throw error;
        const pod = await this.#allowed(kube.get(this.#ref()));
        if (pod !== undefined && hasEnded(pod)) {
          const starting = { pod, podEvents: [], claimEvents: [], waitedMs: 0 };
          const trouble = startOf({ ...starting, claim: {}, image: access.image });
          if (typeof trouble === 'object') throw this.#trouble(trouble);
        }
        if (performance.now() > end && error instanceof ApiError) throw this.#refused(error);
        if (performance.now() > end)
          throw this.#trouble({
            kind: 'helper pod',
            why: `the server in its pod does not answer: ${error.message}`,
            next: THIS_VERSION,
          });
        await sleep(DIAL_AGAIN_MS);
      }
    }
  }

  async #dial(kube: KubeClient): Promise<Link> {
    const { namespace = '', name } = this.#ref();
    const stream = await kube.portForward(namespace, name, SERVER_PORT, DIAL_TIMEOUT_MS);
    return Link.over(stream, this.#token);
  }

  #ref(): ObjectRef {
    if (this.#pod === undefined) throw new Error('there is no pod yet');
    const { uid: _uid, ...ref } = this.#pod;
    return ref;
  }

  /** @throws ToolError saying what becomes of the pod where it can't be deleted. */
  async #remove(kube: KubeClient): Promise<void> {
    const pod = this.#pod;
    this.#pod = undefined;
    if (pod === undefined) return;
    const { uid, ...ref } = pod;
    try {
      await withDeadline(kube, REMOVAL_MS).delete(ref, { uid });
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      throw new ToolError(
        `the pod of the store could not be deleted (${error.message}): it ends by itself within a minute, and the next command that may removes it`,
        { next: kubectl('delete', 'pod', ref.name, '-n', ref.namespace ?? ''), cause: error },
      );
    }
  }

  /** @throws UnreadableStore where the API server does not do it. */
  async #allowed<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      throw error instanceof ApiError ? this.#refused(error) : error;
    }
  }

  #refused(error: ApiError): Error {
    const { flags } = this.#claim;
    return this.#trouble({
      kind: 'helper pod',
      why: error.message,
      next: error.lacksPermission
        ? advice`see what it takes: ${tool('permissions', 'list', ...flags)}`
        : (error.next ?? kubectl('get', 'events')),
    });
  }

  #trouble({ kind, why, next }: ClaimTrouble): UnreadableStore {
    return new UnreadableStore(`can't reach the store ${this.#claim.location}: ${why}`, {
      untouched: 'nothing was written to it',
      next,
      trouble: { kind, commands: [] },
    });
  }
}

/** One of a command that was killed. */
function isLeft(pod: KubeObject, claim: string): boolean {
  return isHelper(pod) && hasEnded(pod) && mountsClaim(pod, claim);
}

/** Never throws: the next command tries again. */
async function removeLeft(kube: KubeClient, pod: KubeObject): Promise<void> {
  const uid = uidOf(pod);
  if (uid === undefined) return;
  await kube.delete({ ...refOf(pod), apiVersion: 'v1', kind: 'Pod' }, { uid }).catch(() => {});
}

/** Without them the pod's status says less. */
async function eventsIn(kube: KubeClient, namespace: string): Promise<KubeObject[]> {
  try {
    return await kube.list(EVENTS, { namespace });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return [];
  }
}
