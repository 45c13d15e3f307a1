import type { KubeClient } from '../kube/client.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import {
  changedRecord,
  effectiveRevision,
  type HelmRevision,
  type HelmStatus,
  newestRevision,
  newRecord,
} from '../model/helm-release.ts';
import { jsonEqual, stringAt, valueAt } from '../model/json.ts';
import { type KubeObject, nameOf, type ObjectRef, refOf, uidOf } from '../model/object.ts';
import type { PlannedHelm } from '../model/plan.ts';
import { creationForm } from '../model/write-form.ts';
import { HELM_MANAGER } from './dry-run.ts';
import { restoreDescription } from './helm-plan.ts';
import { type Found, insist } from './insist.ts';
import type { RestoreSource } from './source.ts';

/** Helm's record while a restore is under way. */
export interface OpenRecord {
  /** The revision that is pending now, and what it becomes. */
  pending: KubeObject | undefined;
  /** The finished record's document and status. */
  target: { revision: HelmRevision; status: HelmStatus; description?: string; number: number } | undefined;
}

/** What is told of each record: what is about to be created, and what was. */
export interface RecordJournal {
  onWill(ref: ObjectRef): Promise<void>;
  onCreated(record: KubeObject): Promise<void>;
}

/**
 * Writes Helm's record before the first object: a revision in status pending-rollback, which makes every
 * Helm command that would change the release refuse to run meanwhile, as during Helm's own rollback.
 * @param open filled in as soon as the revision is pending, so that it can be closed whatever fails next.
 */
export async function openRecord(
  open: OpenRecord,
  kube: KubeClient,
  planned: PlannedHelm,
  source: RestoreSource,
  live: HelmRevision[],
  namespace: string,
  now: Date,
  journal: RecordJournal,
): Promise<void> {
  if (planned.action === 'new-revision') {
    const from = effectiveRevision(source.history)!;
    const description = restoreDescription(source.document.id);
    const record = newRecord(
      from,
      namespace,
      { status: 'pending-rollback', description, revision: planned.revision, deployedAt: now.toISOString() },
      now,
    );
    open.target = { revision: from, status: 'deployed', description, number: planned.revision };
    open.pending = await createRecord(kube, record, namespace, journal);
    await journal.onCreated(open.pending);
  }
  if (planned.action === 'create-history') {
    const newest = newestRevision(source.history)!;
    const written = (revision: HelmRevision): KubeObject | undefined =>
      live.find((there) => there.revision === revision.revision)?.record;
    for (const revision of source.history) {
      if (revision === newest || written(revision) !== undefined) continue;
      await journal.onCreated(await createRecord(kube, creationForm(revision.record), namespace, journal));
    }
    const held = changedRecord(
      written(newest) ?? creationForm(newest.record),
      newest.document,
      { status: 'pending-rollback' },
      now,
    );
    const isThere = written(newest) !== undefined;
    open.target = { revision: newest, status: newest.status, number: newest.revision };
    open.pending = isThere ? await put(kube, held) : await createRecord(kube, held, namespace, journal);
    if (!isThere) await journal.onCreated(open.pending);
  }
}

async function createRecord(
  kube: KubeClient,
  record: KubeObject,
  namespace: string,
  { onWill }: RecordJournal,
): Promise<KubeObject> {
  const metadata = { ...(record.metadata as KubeObject), namespace };
  const form = { ...record, metadata };
  await onWill(refOf(form));
  return insist(
    () => kube.create(form, { fieldManager: HELM_MANAGER }),
    async (): Promise<Found<KubeObject>> => {
      const current = await readRecord(kube, refOf(form));
      if (current === undefined) return { is: 'not done' };
      return isWritten(current, form) ? { is: 'done', answer: current } : { is: 'something else' };
    },
  );
}

/**
 * Writes the outcome into Helm's record: the pending revision becomes what it was restored to ("deployed"),
 * or "failed" where the rollout did not finish, so that the next `helm upgrade` is not blocked. Only after
 * that are older revisions closed: a deployed one superseded, a pending one failed.
 */
export async function closeRecord(
  kube: KubeClient,
  open: OpenRecord,
  outcome: 'done' | 'failed',
  planned: PlannedHelm,
  live: LiveRelease,
  now: Date,
): Promise<void> {
  const { pending, target } = open;
  if (pending === undefined || target === undefined) return;
  if (outcome === 'failed') {
    const description = 'Restore did not finish; see kubectl memcached-backup restore';
    await put(
      kube,
      changedRecord(
        pending,
        target.revision.document,
        { status: 'failed', description, revision: target.number },
        now,
      ),
    );
    return;
  }
  const restoredAsIs = planned.action === 'create-history';
  await put(
    kube,
    restoredAsIs
      ? { ...asBefore(pending, target.revision.record) }
      : changedRecord(
          pending,
          target.revision.document,
          {
            status: target.status,
            revision: target.number,
            deployedAt: now.toISOString(),
            ...(target.description === undefined ? {} : { description: target.description }),
          },
          now,
        ),
  );
  if (planned.action !== 'new-revision') return;
  const closing: [number[], HelmStatus][] = [
    [planned.superseded, 'superseded'],
    [planned.failed, 'failed'],
  ];
  for (const [revisions, status] of closing) {
    for (const revision of live.history.filter((candidate) => revisions.includes(candidate.revision))) {
      await put(kube, changedRecord(revision.record, revision.document, { status }, now));
    }
  }
}

/** The backup's own record over the pending one. */
function asBefore(pending: KubeObject, original: KubeObject): KubeObject {
  const form = creationForm(original);
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
 * PUTs a record, insisting: a restore that is proved is not to fail, and be undone, for want of its last line.
 * What moved meanwhile is not written over.
 */
async function put(kube: KubeClient, record: KubeObject): Promise<KubeObject> {
  if (nameOf(record) === '') throw new TypeError('a Helm record without a name');
  return insist(
    () => kube.replace(record, { fieldManager: HELM_MANAGER }),
    async (): Promise<Found<KubeObject>> => {
      const current = await readRecord(kube, refOf(record));
      if (current !== undefined && isWritten(current, record)) return { is: 'done', answer: current };
      return { is: versionOf(current) === versionOf(record) ? 'not done' : 'something else' };
    },
  );
}

/** By list: whoever restores may list Helm's records, and need not be allowed to get one. */
async function readRecord(kube: KubeClient, ref: ObjectRef): Promise<KubeObject | undefined> {
  const type = (await kube.resourceType(ref.apiVersion, ref.kind))!;
  const fieldSelector = `metadata.name=${ref.name}`;
  return (await kube.list(type, { namespace: ref.namespace ?? '', fieldSelector }))[0];
}

function isWritten(current: KubeObject, record: KubeObject): boolean {
  return jsonEqual(valueAt(current, 'data', 'release'), valueAt(record, 'data', 'release'));
}

function versionOf(record: KubeObject | undefined): string | undefined {
  return stringAt(record, 'metadata', 'resourceVersion');
}
