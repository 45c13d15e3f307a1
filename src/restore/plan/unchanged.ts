import type { RestoreSource } from '../../backup/source.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { stringAt } from '../../model/json/json.ts';
import { type KubeObject, keyOf, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { RELEASE_KINDS } from '../../model/release/release-kinds.ts';

/**
 * Whether nothing that a plan is made of changed between two readings of a release: every object of every kind that was read
 * is there in the same version, Helm's records among them, and the same could be read. The server keeps one resourceVersion
 * for one state of an object (Kubernetes, API concepts, "Resource versions").
 */
export function isUnchanged(before: LiveRelease, now: LiveRelease, { objects }: RestoreSource): boolean {
  const kinds = new Set([...RELEASE_KINDS.map(([, kind]) => kind), ...objects.map(({ ref }) => ref.kind)]);
  return versionsOf(before, kinds) === versionsOf(now, kinds);
}

function versionsOf(live: LiveRelease, kinds: ReadonlySet<string>): string {
  const objects = [
    ...[...kinds].flatMap((kind) => live.all(kind)),
    ...live.history.map(({ record }) => record),
    ...(live.namespace === undefined ? [] : [live.namespace]),
  ];
  const classified = live.classified.map(({ object, role, from }) => `${versionOf(object)} ${role} ${from}`);
  const gaps = [...live.denied, ...live.historyDenied].map(({ type, verb, message }) => [
    type.plural,
    verb,
    message,
  ]);
  return JSON.stringify([
    objects.map(versionOf).sort(),
    classified,
    [...live.missing, ...live.unmarked].map(keyOf),
    live.unknownKinds,
    gaps,
  ]);
}

function versionOf(object: KubeObject): string {
  return [keyOf(refOf(object)), uidOf(object), stringAt(object, 'metadata', 'resourceVersion')].join(' ');
}
