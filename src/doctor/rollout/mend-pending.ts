import type { Repair } from '../../model/findings/finding.ts';
import { operationBegan } from '../../model/helm/helm-operation.ts';
import { changedRecord, type HelmRevision } from '../../model/helm/helm-release.ts';
import { stringAt, valueAt } from '../../model/json/json.ts';
import { holderName } from '../../model/kubernetes/lease.ts';
import { type KubeObject, nameOf, refOf, uidOf } from '../../model/kubernetes/object.ts';

/** The release's Lease: none, one and whether anybody holds it, or undefined where that can't be told. */
export type LeaseSeen = 'absent' | { lease: KubeObject; abandoned: boolean } | undefined;

/**
 * How the record of an operation that was cut off is marked as failed, so that Helm works again: only as it was read,
 * and only where nobody can be at work on it.
 * @param newest pending for longer than anybody is at work.
 * @returns why it is left alone, where it is.
 */
export function mendPending(newest: HelmRevision, lease: LeaseSeen, now: Date): Repair | string {
  const { record, document, status, revision } = newest;
  if (status === 'uninstalling')
    return 'not mended by --fix: an uninstall is ended by running it again, which deletes';
  const began = Date.parse(operationBegan(newest) ?? '');
  if (Number.isNaN(began)) return 'not mended by --fix: the record does not say since when it is pending';
  if (lease === undefined)
    return 'not mended by --fix: whether a restore is at work can’t be told (its Lease can’t be read)';
  if (lease !== 'absent' && !lease.abandoned)
    return `not mended by --fix: a restore or an undo is at work on the release (${holderName(lease.lease)})`;
  const description = `Was ${status} and never ended; marked failed by memcached-backup doctor`;
  const changed = changedRecord(record, document, { status: 'failed', description }, now);
  return {
    what: `mark Helm revision ${revision} as failed (${nameOf(record)} is ${status})`,
    steps: [
      {
        action: 'patch',
        ref: refOf(record),
        operations: [
          ...asRead(record),
          { op: 'add', path: '/metadata/labels', value: valueAt(changed, 'metadata', 'labels') ?? {} },
          { op: 'replace', path: '/data/release', value: valueAt(changed, 'data', 'release') ?? '' },
        ],
      },
    ],
  };
}

/** The tests by which a patch touches an object only as it was read. */
export function asRead(object: KubeObject): { op: 'test'; path: string; value: string }[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uidOf(object) ?? '' },
    {
      op: 'test',
      path: '/metadata/resourceVersion',
      value: stringAt(object, 'metadata', 'resourceVersion') ?? '',
    },
  ];
}
