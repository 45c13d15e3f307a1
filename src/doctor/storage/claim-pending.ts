import { type Command, kubectl } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../model/json/json.ts';
import type { ReportedEvent } from '../../model/kubernetes/event.ts';
import { annotationsOf, type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { parseQuantity } from '../../model/kubernetes/quantity.ts';
import type { Code } from '../catalogue.ts';
import { changedAt } from '../changed-at.ts';
import { type ClaimUse, usersText } from './claims.ts';
import { describeClaim, ofClaim } from './of-claim.ts';

/** A provisioner that is there reacts within seconds: so long it is given time, in milliseconds. */
const PATIENCE = 30_000;
/** One that has said that it is at it, which takes a cloud's file servers minutes. */
const PATIENCE_AT_WORK = 5 * 60_000;

/** What the controller says of a claim that waits for a pod, or for that pod's node (pv_controller.go). */
const WAITS = new Set(['WaitForFirstConsumer', 'WaitForPodScheduled']);
/** The scheduler has chosen a node for the first pod: now the volume is wanted (component-helpers/storage/volume). */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** The class whose volumes are made by hand (Kubernetes, "Storage Classes", local volumes). */
const BY_HAND = 'kubernetes.io/no-provisioner';

/** What the cluster has for a claim; undefined where it may not be listed. */
export interface Supply {
  classes: readonly KubeObject[] | undefined;
  volumes: readonly KubeObject[] | undefined;
}

/**
 * Why a claim is not bound.
 * @param events about the claim, the newest first.
 * @param used whether a pod waits for it.
 */
export function judgePending(
  { claim, use }: { claim: KubeObject; use: ClaimUse },
  events: readonly ReportedEvent[],
  supply: Supply,
  now: Date,
): Finding[] {
  const wanted = classOf(claim);
  const found = supply.classes?.find((candidate) => nameOf(candidate) === wanted);
  const says = (reason: string): ReportedEvent | undefined => events.find((event) => event.reason === reason);
  const report = (code: Code, summary: string, evidence: Evidence[], looks: Command[] = []): Finding[] => [
    ofClaim(code, use, {
      summary: `${summary}, so that ${usersText(use)} gets no volume`,
      evidence,
      advice: [...looks, describeClaim(use)],
    }),
  ];

  if (wanted === undefined) {
    const isDefaultMissing = supply.classes === undefined || !supply.classes.some(isDefault);
    if (!isDefaultMissing) return [];
    const names = supply.classes?.map(nameOf).join(', ');
    return report('MB312', 'names no StorageClass and there is no default', [
      ...eventEvidence(says('FailedBinding')),
      ...(names === undefined
        ? []
        : [{ text: `the StorageClasses are: ${names || 'none'}, none the default` }]),
    ]);
  }
  if (wanted !== '' && supply.classes !== undefined && found === undefined) {
    const names = supply.classes.map(nameOf).join(', ');
    return report('MB311', `names the StorageClass ${wanted}, which does not exist`, [
      ...eventEvidence(says('ProvisioningFailed')),
      { text: `the StorageClasses are: ${names || 'none'}` },
    ]);
  }
  const failed = says('ProvisioningFailed');
  const isByHand = wanted === '' || stringAt(found, 'provisioner') === BY_HAND;
  if (!isByHand && failed !== undefined) return judgeFailure(failed, wanted, report);
  if (isWaiting(claim, found, events)) {
    return [
      ofClaim('MB315', use, {
        summary: 'is bound when its first pod comes',
        evidence: eventEvidence(events[0]),
      }),
    ];
  }
  if (isByHand || says('FailedBinding') !== undefined) {
    return judgeByHand({ claim, wanted }, supply, says('FailedBinding'), report);
  }
  const patience = says('Provisioning') === undefined ? PATIENCE : PATIENCE_AT_WORK;
  if (now.getTime() - Date.parse(wantedSince(claim)) < patience) return [];
  const provisioner = stringAt(found, 'provisioner');
  return report(
    'MB314',
    `is not provisioned${provisioner === undefined ? '' : ` by ${provisioner}`}`,
    events.length === 0 ? [{ text: 'status.phase: Pending; no event says why' }] : eventEvidence(events[0]),
    // The provisioner is a pod of these, or should be one.
    [kubectl('describe', 'storageclass', wanted), kubectl('get', 'pods', '-A', '-o', 'wide')],
  );
}

type Report = (code: Code, summary: string, evidence: Evidence[], looks?: Command[]) => Finding[];

function judgeFailure(failed: ReportedEvent, wanted: string, report: Report): Finding[] {
  const evidence = eventEvidence(failed);
  if (/storageclass.* not found/i.test(failed.message)) {
    return report('MB311', `names the StorageClass ${wanted}, which does not exist`, evidence);
  }
  if (/access ?modes?|ReadWriteMany|ReadWriteOncePod/i.test(failed.message)) {
    return report('MB319', `asks for an access mode that its StorageClass ${wanted} lacks`, evidence);
  }
  return report('MB314', 'is not provisioned', evidence);
}

function judgeByHand(
  { claim, wanted }: { claim: KubeObject; wanted: string },
  { volumes }: Supply,
  event: ReportedEvent | undefined,
  report: Report,
): Finding[] {
  const name = wanted === '' ? 'without a class' : `of the class ${wanted}`;
  const fitting = volumes?.filter((volume) => fitsButForMode(volume, claim, wanted)) ?? [];
  const modes = arrayAt(claim, 'spec', 'accessModes').join(', ');
  if (fitting.length > 0 && !fitting.some((volume) => offersModes(volume, claim))) {
    const evidence = fitting.map((volume) => ({
      text: `persistentvolume/${nameOf(volume)} is free and offers ${arrayAt(volume, 'spec', 'accessModes').join(', ')}`,
    }));
    return report('MB319', `asks for ${modes}, which no free volume ${name} offers`, evidence);
  }
  const seen =
    volumes === undefined
      ? []
      : [{ text: `${volumes.length} volumes, none of them free, ${name} and large enough` }];
  return report(
    'MB313',
    `no free volume ${name} fits it`,
    [...eventEvidence(event), ...seen],
    [kubectl('get', 'pv')],
  );
}

function fitsButForMode(volume: KubeObject, claim: KubeObject, wanted: string): boolean {
  const size = (text: string | undefined): number => Number(parseQuantity(text ?? '0') ?? 0);
  return (
    stringAt(volume, 'status', 'phase') === 'Available' &&
    (stringAt(volume, 'spec', 'storageClassName') ?? '') === wanted &&
    size(stringAt(volume, 'spec', 'capacity', 'storage')) >=
      size(stringAt(claim, 'spec', 'resources', 'requests', 'storage'))
  );
}

function offersModes(volume: KubeObject, claim: KubeObject): boolean {
  const offered = arrayAt(volume, 'spec', 'accessModes');
  return arrayAt(claim, 'spec', 'accessModes').every((mode) => offered.includes(mode));
}

/** The class that a claim names: "" means none on purpose; undefined that the default is to be used. */
function classOf(claim: KubeObject): string | undefined {
  return (
    stringAt(claim, 'spec', 'storageClassName') ??
    annotationsOf(claim)['volume.beta.kubernetes.io/storage-class']
  );
}

function isDefault(storageClass: KubeObject): boolean {
  return annotationsOf(storageClass)['storageclass.kubernetes.io/is-default-class'] === 'true';
}

/** Its class waits for a pod, and none has come: as the newest event says, or nobody says anything of it. */
function isWaiting(
  claim: KubeObject,
  storageClass: KubeObject | undefined,
  [newest]: readonly ReportedEvent[],
): boolean {
  if (annotationsOf(claim)[SELECTED_NODE] !== undefined) return false;
  if (newest !== undefined) return WAITS.has(newest.reason);
  return stringAt(storageClass, 'volumeBindingMode') === 'WaitForFirstConsumer';
}

/** Since when its volume is to be made: since a node was chosen, else since the claim was. */
function wantedSince(claim: KubeObject): string {
  const chosen = (fields: JsonObject): boolean =>
    Object.hasOwn(objectAt(fields, 'f:metadata', 'f:annotations') ?? {}, `f:${SELECTED_NODE}`);
  return changedAt(claim, chosen) ?? '';
}

function eventEvidence(event: ReportedEvent | undefined): Evidence[] {
  if (event === undefined) return [];
  return [{ text: `${event.reason}: ${event.message}`, ...(event.at === '' ? {} : { at: event.at }) }];
}
