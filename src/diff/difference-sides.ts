import type { RestoreSource } from '../backup/source.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { groupOf, keyOf, type ObjectRef, refOf } from '../model/kubernetes/object.ts';
import type { PodSettings } from '../model/records/backup-format.ts';
import type { Side } from '../model/release/difference.ts';

/** A backup as one side of a comparison. */
export function sideOfBackup(source: RestoreSource): Side {
  const objects = new Map(source.objects.map((object) => [keyOf(object.ref), object]));
  const { objects: saved, withoutSecrets, namespace } = source.document;
  const withheld = (withoutSecrets?.objects ?? []).map((each) => ({ ...each, namespace: namespace.name }));
  const known = new Set([...saved, ...withheld].map((entry) => keyOf(entry)));
  return {
    label: source.document.id,
    objects: source.objects.map(({ entry, ref, raw }) => ({
      ref,
      role: entry.role,
      from: entry.from,
      object: raw,
    })),
    has: (ref) => known.has(keyOf(ref)),
    find: (ref) => objects.get(keyOf(ref))?.raw,
    otherScalers: [],
    isUnread: () => false,
    history: source.history,
    pods: source.pods,
    unread: source.document.skipped.map(({ what, why }) => `the backup lacks ${what}: ${why}`),
  };
}

/** The release as it is now. @param pods its pods' answers. */
export function sideOfLive(live: LiveRelease, pods: PodSettings[]): Side {
  const own = new Set(live.classified.map(({ ref }) => keyOf(ref)));
  const isDenied = (ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean =>
    live.denied.some(
      ({ type }) => type.kind === ref.kind && groupOf(type.apiVersion) === groupOf(ref.apiVersion),
    );
  return {
    label: 'live',
    objects: live.classified
      .filter(({ role }) => role !== 'recorded')
      .map(({ ref, role, from, object }) => ({ ref, role, from, object })),
    has: (ref) => live.find(ref) !== undefined,
    find: (ref) => live.find(ref),
    otherScalers: live.all('HorizontalPodAutoscaler').filter((hpa) => !own.has(keyOf(refOf(hpa)))),
    isUnread: isDenied,
    history: live.history,
    pods,
    unread: live.denied.map(({ message }) => message),
  };
}
