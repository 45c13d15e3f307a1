import type { RestoreSource } from '../../backup/source.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { labelledRecord, wrongLabels } from '../../model/helm/helm-labels.ts';
import {
  changedRecord,
  effectiveRevision,
  type HelmRevision,
  type HelmStatus,
  newestRevision,
  newRecord,
} from '../../model/helm/helm-release.ts';
import { restoredRecord, restoredStatus } from '../../model/helm/restored-record.ts';
import { jsonEqual, stringAt, valueAt } from '../../model/json/json.ts';
import { type KubeObject, nameOf, type ObjectRef, refOf, uidOf } from '../../model/kubernetes/object.ts';
import type { PlannedHelm } from '../../model/plan/plan.ts';
import type { JournaledWrites, Trace } from '../journal/journaled-writes.ts';
import { restoreDescription } from '../plan/helm-plan.ts';
import { HelmAtWorkError, type HelmWatch } from './helm-at-work.ts';
import { type Found, writeWithRetry } from './write-with-retry.ts';
import { isWrittenBy } from './written-by.ts';

/** Helm's record while a restore is under way. */
export interface OpenRecord {
  /** The revision that is pending now, and what it becomes. */
  pending: KubeObject | undefined;
  /** The finished record's document and status. */
  target: { revision: HelmRevision; status: HelmStatus; description?: string; number: number } | undefined;
}

/** What Helm's record is written with. */
export interface RecordWork {
  kube: KubeClient;
  planned: PlannedHelm;
  source: RestoreSource;
  /** As it was planned with: a record that moved since is not written over. */
  live: LiveRelease;
  journaled: JournaledWrites;
  watch: HelmWatch;
  now: () => Date;
}

/**
 * Writes Helm's record before the first object: a revision in status pending-rollback, which makes every
 * Helm command that would change the release refuse to run meanwhile, as during Helm's own rollback.
 * @param open filled in as soon as the revision is pending, so that it can be closed whatever fails next.
 * @throws HelmAtWorkError where somebody else's record is in the way; what this had written of a history is then
 * taken away again, so that none of it mixes with theirs.
 */
export async function openRecord(open: OpenRecord, work: RecordWork): Promise<void> {
  const { planned, source, live, now } = work;
  if (planned.action === 'new-revision') {
    const from = effectiveRevision(source.history)!;
    const description = restoreDescription(source.document.id);
    const record = newRecord(
      from,
      live.namespaceName,
      {
        status: 'pending-rollback',
        description,
        revision: planned.revision,
        deployedAt: now().toISOString(),
      },
      now(),
    );
    open.target = { revision: from, status: 'deployed', description, number: planned.revision };
    open.pending = await createRecord(record, work);
  }
  if (planned.action !== 'create-history') return;
  const newest = newestRevision(source.history)!;
  const written = (revision: HelmRevision): KubeObject | undefined =>
    live.history.find((there) => there.revision === revision.revision)?.record;
  const made: KubeObject[] = [];
  try {
    for (const revision of source.history) {
      if (revision === newest) continue;
      const kept = live.history.find((there) => there.revision === revision.revision);
      if (kept !== undefined && wrongLabels(kept).length > 0) await put(labelledRecord(kept), work);
      if (kept !== undefined) continue;
      made.push(await createRecord(restoredRecord(revision, now()), work));
    }
    const there = written(newest);
    const held = changedRecord(
      there ?? restoredRecord(newest, now()),
      newest.document,
      { status: 'pending-rollback' },
      now(),
    );
    open.target = { revision: newest, status: restoredStatus(newest), number: newest.revision };
    open.pending = there === undefined ? await createRecord(held, work) : await put(held, work);
  } catch (error) {
    if (error instanceof HelmAtWorkError) await removeAll(made, work);
    throw error;
  }
}

async function createRecord(
  record: KubeObject,
  { kube, live, journaled, watch }: RecordWork,
): Promise<KubeObject> {
  const metadata = { ...(record.metadata as KubeObject), namespace: live.namespaceName };
  const form = { ...record, metadata };
  const ref = refOf(form);
  const look = async (): Promise<Found<KubeObject>> => {
    const current = await readRecord(kube, ref);
    if (current === undefined) return { is: 'not done' };
    const isOurs = hasContentOf(current, form) && isWrittenBy(current, { by: journaled.manager });
    return isOurs ? { is: 'done', answer: current } : { is: 'something else' };
  };
  const create = () => writeWithRetry(() => kube.create(form, { fieldManager: journaled.manager }), look);
  return journaled.write({ action: 'create', ref }, create, traceOf).catch(async (error: unknown) => {
    throw isThere(error) ? await watch.inTheWay(ref) : error;
  });
}

/** @returns the records that somebody wrote since they were read: they stay. */
async function removeAll(records: KubeObject[], { kube, journaled }: RecordWork): Promise<ObjectRef[]> {
  const moved: ObjectRef[] = [];
  for (const record of records) {
    const ref = refOf(record);
    const resourceVersion = versionOf(record);
    const as = { uid: uidOf(record)!, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    try {
      await journaled.write(
        { action: 'delete', ref },
        () => writeWithRetry(() => kube.delete(ref, as)),
        () => ({}),
      );
    } catch (error) {
      if (!isThere(error)) throw error;
      moved.push(ref);
    }
  }
  return moved;
}

/**
 * Writes the outcome into Helm's record: the pending revision becomes what it was restored to ("deployed"),
 * or "failed" where the rollout did not finish, so that the next `helm upgrade` is not blocked. Only after
 * that are older revisions closed: a deployed one superseded, a pending one failed.
 * An undo that leads back to no release removes the records that its restore had written.
 * @returns the older records that stay as they are, because somebody wrote them meanwhile.
 * @throws HelmAtWorkError where somebody wrote or deleted the pending one.
 */
export async function closeRecord(
  open: OpenRecord,
  outcome: 'done' | 'failed',
  work: RecordWork,
): Promise<ObjectRef[]> {
  const { planned, live, now } = work;
  const { pending, target } = open;
  if (planned.action === 'delete-history' && outcome === 'done') {
    const { revisions } = planned;
    const written = live.history.filter(({ revision }) => revisions.includes(revision));
    return removeAll(
      written.map(({ record }) => record),
      work,
    );
  }
  if (pending === undefined || target === undefined) return [];
  if (outcome === 'failed') {
    const description = 'Restore did not finish; see kubectl memcached-backup restore';
    const change = {
      status: 'failed' as const,
      description,
      revision: target.number,
      // One of the backup's own history keeps its times: by them a restore that goes on knows it again.
      ...(planned.action === 'new-revision' ? { deployedAt: now().toISOString() } : {}),
    };
    open.pending = await put(changedRecord(pending, target.revision.document, change, now()), work);
    return [];
  }
  open.pending = await put(
    planned.action === 'create-history'
      ? asBefore(pending, restoredRecord(target.revision, now()))
      : changedRecord(
          pending,
          target.revision.document,
          {
            status: target.status,
            revision: target.number,
            deployedAt: now().toISOString(),
            ...(target.description === undefined ? {} : { description: target.description }),
          },
          now(),
        ),
    work,
  );
  if (planned.action !== 'new-revision') return [];
  const moved: ObjectRef[] = [];
  for (const revision of live.history) {
    const { superseded, failed } = planned;
    const status = superseded.includes(revision.revision)
      ? 'superseded'
      : failed.includes(revision.revision)
        ? 'failed'
        : undefined;
    if (status !== undefined && !(await closeOlder(revision, status, work)))
      moved.push(refOf(revision.record));
  }
  return moved;
}

/** @returns false where somebody wrote the record since: it is theirs. */
async function closeOlder(
  { record, document }: HelmRevision,
  status: HelmStatus,
  work: RecordWork,
): Promise<boolean> {
  try {
    await put(changedRecord(record, document, { status }, work.now()), work);
    return true;
  } catch (error) {
    if (!(error instanceof HelmAtWorkError)) throw error;
    return false;
  }
}

/** The backup's own record, as it is restored, over the pending one. */
function asBefore(pending: KubeObject, form: KubeObject): KubeObject {
  const { namespace, resourceVersion } = pending.metadata as KubeObject;
  return {
    ...form,
    metadata: {
      ...(form.metadata as KubeObject),
      namespace: namespace!,
      resourceVersion: resourceVersion!,
      uid: uidOf(pending)!,
    },
  };
}

/**
 * PUTs a record, again and again where its answer is lost: a restore that is proved is not to fail, and be undone, for want of its last line.
 * @throws HelmAtWorkError where it moved meanwhile, or is gone: it is not written over.
 */
async function put(record: KubeObject, { kube, journaled, watch }: RecordWork): Promise<KubeObject> {
  if (nameOf(record) === '') throw new TypeError('a Helm record without a name');
  const ref = refOf(record);
  const look = async (): Promise<Found<KubeObject>> => {
    const current = await readRecord(kube, ref);
    const isSame = current !== undefined && uidOf(current) === uidOf(record);
    if (isSame && hasContentOf(current, record) && isWrittenBy(current, { by: journaled.manager }))
      return { is: 'done', answer: current };
    return { is: isSame && versionOf(current) === versionOf(record) ? 'not done' : 'something else' };
  };
  const replace = () => writeWithRetry(() => kube.replace(record, { fieldManager: journaled.manager }), look);
  return journaled.write({ action: 'replace', ref }, replace, traceOf).catch(async (error: unknown) => {
    throw isThere(error) || isNotFound(error) ? await watch.inTheWay(ref) : error;
  });
}

function traceOf(record: KubeObject): Trace {
  const uid = uidOf(record);
  return uid === undefined ? {} : { uid };
}

/** By list: whoever restores may list Helm's records, and need not be allowed to get one. */
async function readRecord(kube: KubeClient, ref: ObjectRef): Promise<KubeObject | undefined> {
  const type = (await kube.resourceType(ref.apiVersion, ref.kind))!;
  const fieldSelector = `metadata.name=${ref.name}`;
  return (await kube.list(type, { namespace: ref.namespace ?? '', fieldSelector }))[0];
}

function hasContentOf(current: KubeObject, record: KubeObject): boolean {
  return jsonEqual(valueAt(current, 'data', 'release'), valueAt(record, 'data', 'release'));
}

function versionOf(record: KubeObject | undefined): string | undefined {
  return stringAt(record, 'metadata', 'resourceVersion');
}

/** Somebody else's is in the way, or wrote over it. */
function isThere(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
