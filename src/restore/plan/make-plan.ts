import type { Moved, RestoreSource, SourceObject } from '../../backup/source.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { clean } from '../../model/forms/clean.ts';
import type { NamespaceReference } from '../../model/forms/namespace-references.ts';
import { addressWords } from '../../model/forms/old-addresses.ts';
import { isBeingDeleted } from '../../model/kubernetes/deletion.ts';
import { fieldChanges } from '../../model/kubernetes/field-changes.ts';
import { changedOwners } from '../../model/kubernetes/field-ownership.ts';
import { inInstallOrder } from '../../model/kubernetes/install-order.ts';
import { annotationsOf, displayName, type KubeObject, keyOf } from '../../model/kubernetes/object.ts';
import { podsBefore } from '../../model/kubernetes/pod-turnover.ts';
import { replicasOf } from '../../model/kubernetes/workload.ts';
import { imposedText } from '../../model/plan/imposed.ts';
import type { Plan, PlannedObject } from '../../model/plan/plan.ts';
import { namedObjects } from '../../model/release/release-objects.ts';
import { whyNeverThere } from '../../model/release/writable-object.ts';
import { isSecretObject } from '../../model/secrets/secrecy.ts';
import { addressesToAskFor } from '../write/create-object.ts';
import { cachesEmptied } from './caches-emptied.ts';
import { comparable } from './comparable.ts';
import { describeChange } from './describe-change.ts';
import { findImposed } from './find-imposed.ts';
import { namespaceGrants, newGrants } from './grants.ts';
import { planHelm } from './helm-plan.ts';
import { isLeftToCluster, leftOutWarnings, missingRecord } from './left-out-secrets.ts';
import { claimRefusals, deletionWarnings, heldRefusals, whyMadeAgain } from './plan-deletions.ts';
import { headRoom } from './plan-head-room.ts';
import type { PlanInput } from './plan-input.ts';
import { paceRefusals, paceWarnings, planPace } from './plan-pace.ts';
import { forced, isImmutable, refusalsOf } from './plan-refusals.ts';
import { planStuckPods } from './plan-stuck-pods.ts';
import { managedByOthers, otherOwner, planWarnings, takenByOthers } from './plan-warnings.ts';
import { settingsToRestart } from './settings-restarts.ts';
import { standingProof } from './standing-proof.ts';

/**
 * Works out everything that a restore would do. Pure: the live objects and the server's dry-run answers are
 * already read, so the same input always gives the same plan.
 */
export function makePlan(input: PlanInput): Plan {
  const { source, live } = input;
  const { document } = source;
  const grantsOf = grantsIn(input);
  const written = inInstallOrder(source.objects, ({ ref }) => ref.kind).map((object) =>
    withGrants(planObject(object, input), grantsOf(object)),
  );
  const deletions = planDeletions(source, live);
  const imposed = findImposed(input);
  const { restarts, left } = settingsToRestart(input, written, imposed);
  const objects = [...written, ...deletions, ...restarts];
  const { helm, refusals: helmRefusals, warnings } = planHelm(source.history, live.history, input.now);
  const atWork = forced(helmRefusals, input.options);
  const managed = forced([...managedByOthers(input), ...takenByOthers(input)], input.options);
  const room = headRoom(objects, input);
  const stuckPods = planStuckPods(written, input);
  const plan: Plan = {
    backup: {
      id: document.id,
      cluster: document.cluster.name,
      namespace: source.moved?.from ?? document.namespace.name,
      release: document.release,
      takenAt: document.startedAt,
      ...(source.path === undefined ? {} : { path: source.path }),
    },
    namespace: planNamespace(source, live),
    ...(source.moved === undefined ? {} : { mentions: referencesToTell(source.moved, live) }),
    helm,
    objects,
    ...(source.skipped === undefined ? {} : { skipped: source.skipped }),
    ...(imposed.length === 0 ? {} : { imposed }),
    ...(stuckPods.length === 0 ? {} : { stuckPods }),
    ...planPace(objects, input),
    cachesEmptied: cachesEmptied(objects, input),
    unchecked: [...uncheckedOf(objects, input), ...room.unchecked],
    warnings: [
      ...warnings,
      ...atWork.warnings,
      ...managed.warnings,
      ...(source.moved?.notes ?? []),
      ...leftOutWarnings(input),
      ...forced(missingRecord(input), input.options).warnings,
      ...driftWarnings(source),
      ...skippedWarnings(source),
      ...notRestored(source),
      ...namedByHelmAlone(helm, source, live),
      ...imposed.map((each) => imposedText(displayName(each.ref), each)),
      ...refusedPodWarnings(objects, input),
      ...deletionWarnings(objects, input),
      ...planWarnings(objects, input),
      ...paceWarnings(objects, input),
      ...left,
      ...room.warnings,
    ],
    refusals: [
      ...Object.values(refusalsOf(input)).flat(),
      ...heldRefusals(objects, input).map(({ text }) => text),
      ...claimRefusals(objects, input),
      ...paceRefusals(objects, input),
    ],
    nothingToDo: false,
  };
  const proof = isNothingToDo(plan) ? standingProof(input, imposed) : undefined;
  if (proof === undefined) return plan;
  return proof.verdict === 'proved' ? { ...plan, nothingToDo: true } : { ...plan, proof };
}

/** Whether the plan writes nothing at all, whatever the pods say. */
export function isNothingToDo(plan: Plan): boolean {
  return (
    plan.namespace.action === 'keep' &&
    (plan.helm.action === 'keep' || plan.helm.action === 'none') &&
    plan.objects.every(({ action }) => action === 'keep') &&
    plan.stuckPods === undefined
  );
}

function planNamespace(
  { document }: RestoreSource,
  { namespace, namespaceName: name }: LiveRelease,
): Plan['namespace'] {
  if (namespace !== undefined) return { name, action: 'keep' };
  const grants = namespaceGrants(document.namespace.labels);
  return { name, action: 'create', ...(grants.length === 0 ? {} : { grants }) };
}

/** What an object of the backup grants and the live one does not. */
function grantsIn({ source, live }: PlanInput): (object: SourceObject) => string[] {
  const held = [...source.objects.map(({ raw }) => raw), ...live.all('RoleBinding')];
  const accounts = source.objects.filter(
    ({ ref, entry }) => ref.kind === 'ServiceAccount' && entry.role === 'owned',
  );
  const own = new Set(accounts.map(({ ref }) => ref.name));
  const context = {
    bindings: held.filter(({ kind }) => kind === 'RoleBinding'),
    isOwnAccount: (name: string) => own.has(name),
  };
  return ({ ref, raw }) => newGrants(raw, live.find(ref), context);
}

function withGrants(planned: PlannedObject, grants: string[]): PlannedObject {
  return planned.action === 'keep' || grants.length === 0 ? planned : { ...planned, grants };
}

function planObject(object: SourceObject, input: PlanInput): PlannedObject {
  const { ref, entry } = object;
  const current = input.live.find(ref);
  const answer = input.answers.get(keyOf(ref));
  const planned = (
    action: PlannedObject['action'],
    reason: string,
    changes: string[] = [],
  ): PlannedObject => ({
    action,
    ref,
    role: entry.role,
    reason,
    changes,
    checked: answer?.kind === 'accepted',
  });
  if (input.options.mayWrite?.(ref) === false) return planned('keep', 'the restore did not write it');
  if (current === undefined) {
    const where = entry.role === 'referenced' ? `${entry.from} names it and it` : 'it';
    const empty = ref.kind === 'PersistentVolumeClaim' ? '; it comes back empty' : '';
    return planned('create', `${where} does not exist${empty}${addressesOf(object, input)}`);
  }
  if (isBeingDeleted(current)) return planned('create', whyMadeAgain(current));
  if (ref.kind === 'PersistentVolumeClaim') return planned('keep', 'a claim that exists is never changed');
  if (entry.role === 'referenced' && input.options.referencedToo?.(ref) !== true) {
    return planned('keep', `it exists; ${entry.from} only refers to it`);
  }
  if (answer?.kind === 'refused' && isImmutable(answer)) {
    return planned(
      'recreate',
      `a field that can't be changed differs: ${answer.message}${addressesOf(object, input)}`,
    );
  }
  if (answer?.kind === 'unasked' && answer.byClient === true) {
    const changes = changesOfClean(object.raw, current);
    return changes.length === 0
      ? planned('keep', 'it seems to be as it was; the server was not asked')
      : planned('replace', 'it may differ from the backup; the server was not asked', changes);
  }
  if (answer?.kind !== 'accepted') return planned('replace', 'it may differ; the server could not be asked');
  const changes = changesBetween(current, answer.object);
  if (changes.length === 0) {
    const owners = changedOwners(object.raw, current);
    if (owners.length === 0) return planned('keep', 'it is as it was');
    // Helm 4 upgrades by server-side apply: it would meet a conflict with whoever owns a field now.
    return planned('replace', 'other managers own its fields than at the backup', [
      `owners: ${owners.join(', ')}`,
    ]);
  }
  return planned('replace', 'it differs from the backup', changes);
}

/** What a Service that is created asks for: only the creation itself tells whether it is free. */
function addressesOf({ ref, raw }: SourceObject, { source, answers }: PlanInput): string {
  const answer = answers.get(keyOf(ref));
  const { lost = [] } = answer?.kind === 'accepted' ? answer : {};
  const asked = addressesToAskFor(raw, source).filter(
    ({ field, index }) => !lost.some((other) => other.field === field && other.index === index),
  );
  const tries = asked.length === 0 ? '' : `; asks for its old ${addressWords(asked)}`;
  return (
    tries + lost.map(({ field, value, why }) => `; can't have its old ${field} ${value}: ${why}`).join('')
  );
}

/** What differs between clean forms, as `diff` compares them before it asks the server. */
function changesOfClean(raw: KubeObject, current: KubeObject): string[] {
  const [before, after] = [current, raw].map((object) => clean(object).object as KubeObject);
  if (before === undefined || after === undefined) return [];
  return fieldChanges(before, after).map((change) => describeChange(change, isSecretObject(raw)));
}

/** What the write would change, the server's own bookkeeping left out. */
export function changesBetween(current: KubeObject, after: KubeObject): string[] {
  return fieldChanges(comparable(current), comparable(after)).map((change) =>
    describeChange(change, isSecretObject(after)),
  );
}

/**
 * Objects that the live release's manifests name and the backup lacks: a later revision added them, and
 * Helm's own rollback would delete them. Claims and kept resources stay, and so does what the backup's own
 * manifest names: a backup that might not read it holds no copy, which is no reason to delete it. Without Helm's
 * record in the backup nothing tells what the release had then, and all of it stays.
 */
function planDeletions(source: RestoreSource, live: LiveRelease): PlannedObject[] {
  const known = new Set(source.document.objects.map((entry) => keyOf(entry)));
  const wasNamed = new Set(
    namedObjects(source.history, live.namespaceName, () => true).map(({ ref }) => keyOf(ref)),
  );
  const inManifest = new Set(
    live.named.filter(({ from }) => from === 'manifest').map(({ ref }) => keyOf(ref)),
  );
  const extra = live.classified.filter(
    ({ ref, role }) => role === 'owned' && !known.has(keyOf(ref)) && inManifest.has(keyOf(ref)),
  );
  return inInstallOrder(extra, ({ ref }) => ref.kind)
    .reverse()
    .map(({ ref, object, role }) => {
      const planned = (action: 'delete' | 'keep', reason: string): PlannedObject => ({
        action,
        ref,
        role,
        reason,
        changes: [],
        checked: false,
      });
      if (isBeingDeleted(object))
        return planned('keep', 'added since the backup; it is being deleted already');
      if (ref.kind === 'PersistentVolumeClaim')
        return planned('keep', 'added since the backup; a claim is never deleted');
      if (annotationsOf(object)['helm.sh/resource-policy']?.trim().toLowerCase() === 'keep') {
        return planned('keep', 'added since the backup; helm.sh/resource-policy says keep');
      }
      if (isLeftToCluster(ref, source)) return planned('keep', 'the backup was taken without Secrets');
      const other = otherOwner(object, live);
      if (other !== undefined) {
        return planned('keep', `it belongs to Helm release ${other.namespace}/${other.release} by now`);
      }
      if (source.history.length === 0) {
        return planned('keep', "the backup holds no record of Helm's, which would tell whether it was there");
      }
      if (wasNamed.has(keyOf(ref)))
        return planned('keep', 'the release had it at the backup, which holds no copy of it');
      return planned('delete', 'the release got it after the backup');
    });
}

/** Workloads that the server takes, and whose new pods it refuses. */
function refusedPodWarnings(objects: PlannedObject[], { live, answers }: PlanInput): string[] {
  return objects.flatMap(({ action, ref, changes }) => {
    const answer = answers.get(keyOf(ref));
    if (answer?.kind !== 'accepted' || answer.refusesPods === undefined) return [];
    const isNew = action === 'create' || changes.some((change) => change.startsWith('spec.template'));
    if (!isNew || action === 'keep') return [];
    const current = live.find(ref);
    const stays = current !== undefined && podsBefore(answer.object, replicasOf(current)) > 0;
    const old = stays ? 'its old pods stay, for ' : '';
    return [
      `the namespace refuses the new pods of ${displayName(ref)}: ${old}they ${answer.refusesPods.replace(/^would violate/, 'violate')}`,
    ];
  });
}

function uncheckedOf(objects: PlannedObject[], { answers }: PlanInput): Plan['unchecked'] {
  return objects.flatMap(({ action, ref }) => {
    if (action !== 'create' && action !== 'replace') return [];
    const answer = answers.get(keyOf(ref));
    return answer?.kind === 'unasked' ? [{ what: displayName(ref), why: answer.why }] : [];
  });
}

/** A namespace that exists keeps its own labels and annotations. */
function referencesToTell(
  { references }: Moved,
  { namespace, namespaceName }: LiveRelease,
): NamespaceReference[] {
  if (namespace === undefined) return references;
  return references.filter(({ what }) => what !== `namespace/${namespaceName}`);
}

/**
 * What a record that is about to be written names in its manifest, the live ones do not, and no restore writes:
 * Helm itself will. Where the backup is moved, what stays behind is told already.
 */
function namedByHelmAlone({ action }: Plan['helm'], source: RestoreSource, live: LiveRelease): string[] {
  if (source.moved !== undefined || (action !== 'new-revision' && action !== 'create-history')) return [];
  const namedIn = (history: RestoreSource['history']) =>
    namedObjects(history, live.namespaceName, () => true);
  const known = new Set(namedIn(live.history).map(({ ref }) => keyOf(ref)));
  const names = namedIn(source.history).flatMap(({ ref, from }) => {
    const isTold = from === 'hook' || known.has(keyOf(ref)) || ref.kind === 'Job';
    return isTold || whyNeverThere(ref, live.namespaceName) === undefined ? [] : [displayName(ref)];
  });
  if (names.length === 0) return [];
  return [
    `Helm's record names ${names.join(', ')}, which no restore writes: the next helm upgrade or rollback does`,
  ];
}

/** What a manifest of Helm's names and no restore makes again, for its kind: a Job. */
function notRestored({ document }: RestoreSource): string[] {
  return document.objects.flatMap((entry) => {
    const why = entry.role === 'recorded' ? /^manifest; (a restore .*)$/.exec(entry.from)?.[1] : undefined;
    return why === undefined ? [] : [`${displayName(entry)} is left as it is: ${why}`];
  });
}

function skippedWarnings({ skipped = [], history }: RestoreSource): string[] {
  if (skipped.length === 0 || history.length === 0) return [];
  return [
    `Helm's record names what is left out, too (${skipped.map(displayName).join(', ')}): helm upgrade and uninstall fail while the cluster does not serve it`,
  ];
}

function driftWarnings({ document }: RestoreSource): string[] {
  return document.health.drift.map((line) => `when the backup was taken, the release had drifted: ${line}`);
}
