import { creationForm } from '../forms/write-form.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { labelledRecord } from './helm-labels.ts';
import {
  changedRecord,
  type HelmRevision,
  type HelmStatus,
  sameOrigin,
  sameRevision,
} from './helm-release.ts';

/**
 * Whether Helm refuses to work on a release whose newest revision has this status: an operation is under way, or was
 * cut off (helm.sh/helm/v3/pkg/action/upgrade.go, errPending; an uninstall that was cut off leaves none deployed).
 */
export function isBlocking({ status }: Pick<HelmRevision, 'status'>): boolean {
  return status.startsWith('pending-') || status === 'uninstalling';
}

/** What a restore makes of a revision's status: an operation of back then goes on no more. */
export function restoredStatus({ status }: Pick<HelmRevision, 'status'>): HelmStatus {
  return isBlocking({ status }) ? 'failed' : status;
}

/** A backup's record as a restore writes it: labelled as Helm does, and never in the way of Helm. */
export function restoredRecord(revision: HelmRevision, now: Date): KubeObject {
  const form = creationForm(labelledRecord(revision));
  if (!isBlocking(revision)) return form;
  const description = `Was ${revision.status} when the backup was taken; a restore marked it failed`;
  return changedRecord(form, revision.document, { status: 'failed', description }, now);
}

/** Whether a live revision is what a restore of the backup's leaves. */
export function isAsRestored(kept: HelmRevision, live: HelmRevision): boolean {
  if (!isBlocking(kept)) return sameRevision(kept, live);
  return live.status === restoredStatus(kept) && sameOrigin(kept, live);
}
