import { advice } from '../../advice/advice.ts';
import { helm } from '../../advice/command.ts';
import type { RestoreSource, SourceObject } from '../../backup/source.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { dangersBeside } from '../../model/drill/dangers.ts';
import { LAST_APPLIED, moveObject } from '../../model/forms/namespace-fields.ts';
import { encodeRelease, type HelmRevision } from '../../model/helm/helm-release.ts';
import { cloneJson, isObject, type JsonObject } from '../../model/json/json.ts';
import { foreignManager } from '../../model/kubernetes/foreign-manager.ts';
import { displayName, keyOf, refOf } from '../../model/kubernetes/object.ts';
import type { BackupDocument } from '../../model/records/backup-format.ts';
import { namedObjects } from '../../model/release/release-objects.ts';
import { SERVER_LABEL } from '../write/namespace.ts';
import { withoutFixedAddresses } from './fixed-addresses.ts';
import { moveManifest } from './move-manifest.ts';
import { namespaceReferencesOf } from './namespace-references-left.ts';

/**
 * The backup as if it had been taken in the namespace `to`: a closed list of fields is rewritten (docs/restore.md),
 * and what only one object of a cluster can have is left to the cluster. Pure; the same backup where it is of that
 * namespace already.
 * @returns in `moved` what a person should know: where the old namespace is still named, and what stays behind.
 * @throws ToolError where a manifest of Helm's can't be rewritten.
 */
export function intoNamespace(source: RestoreSource, to: string): RestoreSource {
  const from = source.document.namespace.name;
  if (from === to) return source;
  const bare = source.objects.map(({ raw, ...rest }) => ({ ...rest, ...withoutFixedAddresses(raw) }));
  const moved: RestoreSource = {
    ...source,
    document: moveDocument(source.document, from, to),
    objects: bare.map(({ entry, object }) => moveSourceObject(entry, moveObject(object, from, to), from, to)),
    history: source.history.map((revision) => moveRevision(revision, from, to)),
  };
  return {
    ...moved,
    moved: {
      from,
      references: namespaceReferencesOf(moved, from),
      notes: [
        ...bare.flatMap(({ ref, givenUp }) =>
          givenUp.length === 0
            ? []
            : [
                `${displayName(ref)} asks for ${givenUp.join(', ')}, which the original may hold: it gets another one`,
              ],
        ),
        ...stayBehind(source),
        ...managedElsewhere(source),
        ...dangersBeside(source.objects.map(({ raw }) => raw)).map(
          (danger) => `beside the original, ${danger}`,
        ),
      ],
      refusals: alreadyThere(source, to),
    },
  };
}

function moveDocument(document: BackupDocument, from: string, to: string): BackupDocument {
  const { [LAST_APPLIED]: _applied, ...annotations } = document.namespace.annotations;
  const { [SERVER_LABEL]: _server, ...labels } = document.namespace.labels;
  return {
    ...document,
    namespace: { name: to, labels, annotations },
    objects: document.objects.map((entry) => moveEntry(entry, from, to)),
  };
}

function moveEntry<T extends { namespace?: string }>(entry: T, from: string, to: string): T {
  return entry.namespace === from ? { ...entry, namespace: to } : entry;
}

function moveSourceObject(
  entry: SourceObject['entry'],
  raw: SourceObject['raw'],
  from: string,
  to: string,
): SourceObject {
  return { entry: moveEntry(entry, from, to), ref: refOf(raw), raw };
}

/** Helm's record of one revision, and what it says of itself. */
function moveRevision(revision: HelmRevision, from: string, to: string): HelmRevision {
  const document = cloneJson(revision.document);
  const record = moveObject(revision.record, from, to);
  try {
    if (document.namespace === from) document.namespace = to;
    moveManifestIn(document, from, to);
    for (const hook of Array.isArray(document.hooks) ? document.hooks : []) moveManifestIn(hook, from, to);
  } catch (cause) {
    const { name, revision: number } = revision;
    throw new ToolError(
      `Helm revision ${number} of ${name} can't be rewritten for namespace ${to}: ${(cause as Error).message}`,
      {
        untouched: 'the cluster was not changed',
        next: advice`see what it says: ${helm('get', 'manifest', name, '--revision', number, '-n', from)}; restore into ${from} instead`,
        cause,
      },
    );
  }
  const data = { ...(record.data as JsonObject), release: encodeRelease(document, revision.driver) };
  return { ...revision, document, record: { ...record, data } };
}

function moveManifestIn(value: unknown, from: string, to: string): void {
  if (!isObject(value) || typeof value.manifest !== 'string') return;
  value.manifest = moveManifest(value.manifest, from, to);
}

/** What the release's manifest names and no restore writes: it is the original's, whatever Helm's record says. */
function stayBehind({ document, history }: RestoreSource): string[] {
  const own = document.namespace.name;
  const elsewhere = namedObjects(history, own, () => true)
    .filter(({ ref }) => ref.namespace !== own)
    .map(({ ref }) => `${displayName(ref)} in ${ref.namespace}`);
  const clusterWide = document.objects
    .filter(({ namespace, from }) => namespace === undefined && from !== 'namespace')
    .map((entry) => displayName(entry));
  const names = [...new Set([...clusterWide, ...elsewhere])];
  if (names.length === 0) return [];
  return [
    `left to the original, though Helm's record of the copy names them too: ${names.join(', ')}; take this restore back with undo, for an uninstall by Helm would delete them`,
  ];
}

/** Argo CD and Flux know an object by its labels and annotations, and remove those that are not in Git. */
function managedElsewhere({ objects }: RestoreSource): string[] {
  const marked = objects.flatMap(({ raw, ref }) => {
    const manager = foreignManager(raw);
    return manager === undefined ? [] : [{ manager, what: displayName(ref) }];
  });
  return [...Map.groupBy(marked, ({ manager }) => manager.name)].map(
    ([name, group]) =>
      `${name} is still named on ${group.map(({ what }) => what).join(', ')}, and may change or delete what it finds there`,
  );
}

/** Two releases would hold one object: the first uninstall would take it from the other. */
function alreadyThere({ document, history }: RestoreSource, to: string): string[] {
  const named = namedObjects(history, document.namespace.name, () => true).filter(
    ({ ref }) => ref.namespace === to,
  );
  const names = [...new Set(named.map(({ ref }) => keyOf(ref)))].map((key) =>
    displayName(named.find(({ ref }) => keyOf(ref) === key)!.ref),
  );
  return names.length === 0
    ? []
    : [
        `the release in ${document.namespace.name} has objects in namespace ${to} itself: ${names.join(', ')}; choose another namespace`,
      ];
}
