import type { LiveRelease } from '../../kube/read-release.ts';
import { type HelmRevision, isHelmRecord, newestRevision } from '../../model/helm/helm-release.ts';
import { isBeingDeleted } from '../../model/kubernetes/deletion.ts';
import {
  displayName,
  type KubeObject,
  keyOf,
  type ObjectRef,
  refOf,
  uidOf,
} from '../../model/kubernetes/object.ts';
import { referencesOf } from '../../model/kubernetes/references.ts';
import type { Plan, PlannedObject } from '../../model/plan/plan.ts';
import {
  isRecordRef,
  type Journal,
  journaledStandings,
  lastDone,
  namespaceRef,
  type Standing,
  writtenRefs,
} from '../../model/records/journal.ts';
import { atWork } from '../plan/helm-plan.ts';
import { isNothingToDo } from '../plan/make-plan.ts';
import { writtenDigest } from '../write/comparable-form.ts';
import { OWN_MANAGER } from '../write/namespace.ts';
import { isWrittenBy, namesManager } from '../write/written-by.ts';

/**
 * Turns the plan that leads back to the state before a restore into the plan of its undo: it deletes only what
 * the restore created, told by uid, and stops where somebody changed something since. Pure.
 * @param plan made from the live release and the backup of the state before.
 * @param attempts journals of earlier undos of the same restore that did not come to their end.
 */
export function planUndo(plan: Plan, journal: Journal, live: LiveRelease, attempts: Journal[] = []): Plan {
  const created = new Map(createdStill(journal, live).map((object) => [keyOf(object.ref), object]));
  const objects = plan.objects.map((object): PlannedObject => {
    const ours = created.get(keyOf(object.ref));
    if (object.action === 'keep') return ours ?? object;
    if (object.action !== 'delete' || ours !== undefined) return object;
    return { ...object, action: 'keep', reason: 'the restore did not create it' };
  });
  const known = new Set(objects.map(({ ref }) => keyOf(ref)));
  objects.push(...[...created.values()].filter(({ ref }) => !known.has(keyOf(ref))));
  const isIdle = objects.every(({ action }) => action === 'keep');
  const undo: Plan = {
    ...plan,
    // A namespace that is gone is not made again for nothing.
    namespace: isIdle ? { ...plan.namespace, action: 'keep' } : plan.namespace,
    helm: journal.start.helmRevision === undefined ? recordsToDelete(journal, live) : plan.helm,
    objects,
    refusals: [
      ...plan.refusals,
      ...movedSince(journal, live, attempts),
      ...(isIdle || live.namespace !== undefined ? [] : [`namespace ${live.namespaceName} is gone`]),
    ],
  };
  if (isNothingToDo(undo)) return undo;
  const { proof: _ofThePodsAsTheyAre, ...rest } = undo;
  return { ...rest, nothingToDo: false };
}

/**
 * Who may be at work with Helm now, by the same rule as before a restore. What was pending before the restore, which
 * was told to go on all the same, does not keep its undo back; nor does a revision that the restore, or an undo of it,
 * left pending itself when it was cut off: one of the backup's own says no word of us.
 * @param attempts journals of undos of it that were cut off.
 */
export function atWorkSince(
  journal: Journal,
  live: LiveRelease,
  now: Date,
  attempts: Journal[] = [],
): string[] {
  const { helm } = journal.start.plan;
  const before = helm.action === 'new-revision' ? helm.failed : [];
  const written = [journal, ...attempts].map(standingsByKey);
  const isHeldByUs = ({ status, record }: HelmRevision): boolean =>
    status === 'pending-rollback' &&
    written.some((standings) => isOurs(record, standings.get(keyOf(refOf(record)))));
  return live.history
    .filter((revision) => !before.includes(revision.revision) && !isHeldByUs(revision))
    .flatMap((revision) => atWork(revision, now).refusals);
}

/** What the restore created and what is still there. A claim may hold data by now, and stays. */
function createdStill(journal: Journal, live: LiveRelease): PlannedObject[] {
  const standings = standingsByKey(journal);
  return createdRefs(journal)
    .flatMap((ref) => {
      const object = live.find(ref);
      const isIt = object !== undefined && isOurs(object, standings.get(keyOf(ref)));
      if (object === undefined || isHelmRecord(object) || !isIt) return [];
      const claim = isClaim(ref);
      return [
        {
          action: claim ? 'keep' : 'delete',
          ref,
          role: 'owned',
          reason: claim ? 'the restore created it; a claim is never deleted' : 'the restore created it',
          changes: [],
          checked: false,
        } satisfies PlannedObject,
      ];
    })
    .reverse();
}

/**
 * Whether new pods of a workload bring back settings that they had before a restore: where it wrote a ConfigMap or
 * Secret that they read, which is put back. For what somebody sent to a running server, an undo empties no cache.
 */
export function readsWhatWasWritten(workload: KubeObject, journal: Journal): boolean {
  const { namespace } = refOf(workload);
  const written = new Set(writtenRefs(journal).map(keyOf));
  return referencesOf(workload).some(({ ref }) => {
    const isSettings = ref.kind === 'ConfigMap' || ref.kind === 'Secret';
    return isSettings && written.has(keyOf({ ...ref, ...(namespace === undefined ? {} : { namespace }) }));
  });
}

/** What an undo leaves of what its restore created, and why. */
export interface Remainder {
  what: string;
  why: string;
}

/** The claims that the restore created. */
export function claimsThatStay(plan: Plan, journal: Journal): Remainder[] {
  const created = new Set(createdRefs(journal).map(keyOf));
  return plan.objects
    .filter(({ action, ref }) => action === 'keep' && isClaim(ref) && created.has(keyOf(ref)))
    .map(({ ref, reason }) => ({ what: displayName(ref), why: reason }));
}

function isClaim({ kind }: ObjectRef): boolean {
  return kind === 'PersistentVolumeClaim';
}

/** What the restore wrote, or may have, where there was nothing before; its namespace is told apart. */
function createdRefs(journal: Journal): ObjectRef[] {
  const before = new Set(
    journal.start.preImages.filter(({ object }) => object !== null).map(({ ref }) => keyOf(ref)),
  );
  const namespace = keyOf(namespaceRef(journal.start.plan.namespace.name));
  return writtenRefs(journal).filter((ref) => !before.has(keyOf(ref)) && keyOf(ref) !== namespace);
}

/**
 * Whether what was not there before is what the restore made: it has the uid that the restore wrote last, as a
 * creation, or as a replacement of what it had created when it was cut off and had not written down; or it is what
 * a write of which nobody heard was to make, and names the manager of that restore alone. Not told by
 * creationTimestamp: that is the cluster's clock, and the journal has this machine's.
 */
function isOurs(object: KubeObject, standing: Standing | undefined): boolean {
  if (standing === undefined) return false;
  const { done, open } = standing;
  return (
    (done?.uid !== undefined && done.uid === uidOf(object)) ||
    open.some((intent) => isWrittenBy(object, intent))
  );
}

function standingsByKey(journal: Journal): Map<string, Standing> {
  return new Map(journaledStandings(journal).map((standing) => [keyOf(standing.ref), standing]));
}

/** What is there under a name at which a creation got no answer, and by all that can be told is somebody else's. */
export function unknownStill(journal: Journal, live: LiveRelease): Remainder[] {
  const standings = standingsByKey(journal);
  return createdRefs(journal).flatMap((ref) => {
    const object = live.find(ref);
    if (object === undefined || isHelmRecord(object) || isOurs(object, standings.get(keyOf(ref)))) return [];
    return [{ what: displayName(ref), why: 'it is not what the restore was to create' }];
  });
}

/**
 * uid of the namespace that the restore made; undefined where there was one, or where it is gone. Cut off
 * before it could write the uid down, it is known by its intent and by the manager it wrote as.
 */
export function namespaceMadeBy(journal: Journal, namespace: KubeObject | undefined): string | undefined {
  const ref = namespaceRef(journal.start.plan.namespace.name);
  // The first line may carry over the one that a restore which was cut off had made, and that is gone by now.
  const uid = lastDone(journal).get(keyOf(ref))?.uid ?? journal.start.createdNamespace;
  if (uid !== undefined || namespace === undefined) return uid;
  const { open = [] } = standingsByKey(journal).get(keyOf(ref)) ?? {};
  const isByUs = open.some(({ by = OWN_MANAGER }) => namesManager(namespace, by));
  return isByUs ? uidOf(namespace) : undefined;
}

/** Objects that were to be created, that the restore did not come to, and that somebody else made since. */
export function createdSince(journal: Journal, live: LiveRelease): string[] {
  const meant = new Set(writtenRefs(journal).map(keyOf));
  return journal.start.preImages.flatMap(({ ref, object }) =>
    object === null && !meant.has(keyOf(ref)) && live.find(ref) !== undefined
      ? [`${displayName(ref)} was created since the restore`]
      : [],
  );
}

/** Helm's records that the restore wrote where Helm had none, told as objects are. */
function recordsToDelete(journal: Journal, live: LiveRelease): Plan['helm'] {
  const standings = standingsByKey(journal);
  const revisions = live.history
    .filter(({ record }) => isOurs(record, standings.get(keyOf(refOf(record)))))
    .map(({ revision }) => revision);
  return revisions.length === 0 ? { action: 'none' } : { action: 'delete-history', revisions };
}

/**
 * Objects, or Helm's newest revision, that are no longer what the restore left, nor what they were before it:
 * an undo that was cut off had put those back already. What it left of an object without an answer is what it was to
 * write, or what was there before.
 */
export function movedSince(journal: Journal, live: LiveRelease, attempts: Journal[]): string[] {
  const before = new Map(journal.start.preImages.map(({ ref, object }) => [keyOf(ref), object]));
  const namespace = keyOf(namespaceRef(journal.start.plan.namespace.name));
  const tried = attempts.map(standingsByKey);
  const moved = journaledStandings(journal).flatMap((standing): string[] => {
    const key = keyOf(standing.ref);
    const object = live.find(standing.ref);
    const was = before.get(key) ?? undefined;
    if (key === namespace || (object ?? was) === undefined || isRecordRef(standing.ref)) return [];
    if (object !== undefined && was !== undefined && writtenDigest(object) === writtenDigest(was)) return [];
    const attempted = tried.flatMap((attempt) => attempt.get(key) ?? []);
    const isLeft = [standing, ...attempted].some((each) => isLeftBy(each, object));
    return isLeft ? [] : changeSince(standing, object, was);
  });
  const newest = newestRevision(live.history);
  if (newest !== undefined && ![journal, ...attempts].some((each) => knowsRevision(each, newest))) {
    moved.push(`Helm went on to revision ${newest.revision} since the restore`);
  }
  return moved;
}

/** Whether an object is as an operation left it, or may have left it when it was cut off. */
function isLeftBy({ done, open }: Standing, object: KubeObject | undefined): boolean {
  // What was told to go may still be there: a finalizer holds it.
  if (object === undefined || isBeingDeleted(object))
    return open.some(isDeletion) || (done !== undefined && isDeletion(done));
  const isDone =
    done?.wrote !== undefined && done.uid === uidOf(object) && done.wrote === writtenDigest(object);
  return isDone || open.some((intent) => isWrittenBy(object, intent));
}

function isDeletion({ action }: { action: string }): boolean {
  return action === 'delete' || action === 'recreate';
}

/** What somebody did to an object since; nothing where it was not there before, and is not the restore's. */
function changeSince(
  { ref, done, open }: Standing,
  object: KubeObject | undefined,
  was: KubeObject | undefined,
): string[] {
  const name = displayName(ref);
  if (object === undefined) return was === undefined ? [] : [`${name} was deleted since the restore`];
  // Made by the restore, under the eyes of nobody, and changed by somebody.
  const isMarked = open.some(({ by }) => by !== undefined && namesManager(object, by));
  if (done === undefined && was === undefined)
    return isMarked ? [`${name} was changed since the restore`] : [];
  const known = done?.uid ?? (was === undefined ? undefined : uidOf(was));
  const isAnother = !isMarked && known !== uidOf(object);
  return [`${name} was ${isAnother ? 'deleted and made again' : 'changed'} since the restore`];
}

/** Whether a revision was there before, or was written by the operation, or by the one that it took up. */
function knowsRevision(journal: Journal, { revision, record }: HelmRevision): boolean {
  if (revision === journal.start.helmRevision) return true;
  return isOurs(record, standingsByKey(journal).get(keyOf(refOf(record))));
}
