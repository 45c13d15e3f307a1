import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { advice } from '../../advice/advice.ts';
import { helm } from '../../advice/command.ts';
import { atOnce } from '../../errors/in-turns.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { currentRevisions, type HelmRevision, hooksOf, manifestOf } from '../helm/helm-release.ts';
import { arrayAt, isObject, type Json, type JsonObject, stringAt } from '../json/json.ts';
import { BeyondLimit } from '../json/limits.ts';
import { yamlValues } from '../json/yaml.ts';
import { displayName, type KubeObject, keyOf, type ObjectRef, refOf } from '../kubernetes/object.ts';
import { referencesOf } from '../kubernetes/references.ts';
import type { Role } from '../records/backup-format.ts';
import { madeByCluster, whyNeverWritten } from './writable-object.ts';

/** An object that belongs to a release. */
export interface NamedObject {
  ref: ObjectRef;
  /** Why: "manifest" or "hook" of a Helm release; for plain YAML, what ties it to the workload. */
  from: string;
  /** The manifest's own text of it; absent for plain YAML. */
  manifest?: KubeObject;
  /** Named only by a revision that Helm did not finish, so that it need not be there. */
  unfinished?: true;
}

/** A live object and where it belongs. */
export interface ClassifiedObject {
  object: KubeObject;
  ref: ObjectRef;
  role: Role;
  from: string;
}

/**
 * What the release's current manifests and hooks name. Names are read from the manifest, never guessed from
 * the release's name. An object without a namespace lies in the release's.
 * @param isNamespaced tells namespaced kinds from cluster-wide ones.
 */
export function namedObjects(
  history: HelmRevision[],
  namespace: string,
  isNamespaced: (apiVersion: string, kind: string) => boolean,
): NamedObject[] {
  const found = new Map<string, NamedObject>();
  const revisions = currentRevisions(history);
  for (const revision of revisions) {
    for (const text of textsOf(revision)) {
      const { from } = text;
      const { namespace: ownNamespace, ...ref } = text.ref;
      const place = isNamespaced(ref.apiVersion, ref.kind) ? { namespace: ownNamespace || namespace } : {};
      const named: NamedObject = {
        ref: { ...ref, ...place },
        from,
        get manifest() {
          return text.manifest;
        },
      };
      if (revision !== revisions[0]) named.unfinished = true;
      const before = found.get(keyOf(named.ref));
      // What is deployed says what the object should be; an object that is also a hook is still the manifest's.
      if (before === undefined || (before.from === 'hook' && from === 'manifest') || sameText(before, named))
        found.set(keyOf(named.ref), named);
    }
  }
  return [...found.values()];
}

/** Where one revision names an object twice, Helm applies the later text. */
function sameText(before: NamedObject, named: NamedObject): boolean {
  return before.unfinished === named.unfinished && before.from === named.from;
}

interface ManifestText {
  from: 'manifest' | 'hook';
  ref: ObjectRef;
  /** A new copy each time. */
  readonly manifest: KubeObject;
}

/** What was read of revisions: it takes seconds of a large one, and each is asked for several times. */
const READ = new WeakMap<HelmRevision, ManifestText[]>();

/** The last ones by their texts: the same revision in a backup, and in the cluster, says the same. */
const LAST_READ: { texts: readonly string[]; read: ManifestText[] }[] = [];
const REMEMBERED = 4;
/** Of all texts of a revision, characters: longer ones are not kept beside the revision. */
const LONGEST_REMEMBERED = 1024 * 1024;

/** Longer texts of objects are kept compressed. */
const LONG_TEXT = 64 * 1024;

/** An object as its text: those of hundreds of releases, parsed, would not all fit in memory. */
function manifestText(from: ManifestText['from'], manifest: KubeObject): ManifestText {
  const text = JSON.stringify(manifest);
  const packed = text.length < LONG_TEXT ? text : deflateRawSync(text, { level: 1 });
  return {
    from,
    ref: refOf(manifest),
    get manifest() {
      return JSON.parse(typeof packed === 'string' ? packed : inflateRawSync(packed).toString('utf8'));
    },
  };
}

/** Every object in a revision's manifest and hooks. @throws ToolError where one is no YAML. */
export function objectsOfRevision(revision: HelmRevision): KubeObject[] {
  return textsOf(revision).map(({ manifest }) => manifest);
}

function textsOf(revision: HelmRevision): ManifestText[] {
  return atOnce(readingTexts(revision));
}

/** A part of a document a step. */
function* readingTexts(revision: HelmRevision): Generator<void, ManifestText[]> {
  const read = READ.get(revision);
  if (read !== undefined) return read;
  const sources = [
    { from: 'manifest' as const, text: manifestOf(revision) },
    ...hooksOf(revision).map(({ manifest }) => ({ from: 'hook' as const, text: manifest })),
  ];
  const sourceTexts = sources.map(({ text }) => text);
  const same = lastRead(sourceTexts);
  if (same !== undefined) {
    READ.set(revision, same);
    return same;
  }
  const texts: ManifestText[] = [];
  const meter = { tokens: 0 };
  try {
    for (const { from, text } of sources) {
      for (const value of yamlValues(text, meter)) {
        const objects = value === undefined ? [] : unfoldList(value);
        for (const manifest of objects) texts.push(manifestText(from, manifest));
        yield;
      }
    }
  } catch (cause) {
    const command = helm('get', 'manifest', revision.name, '--revision', revision.revision);
    const what = cause instanceof BeyondLimit ? 'larger than what is read' : 'no YAML';
    throw new ToolError(
      `the manifest of Helm revision ${revision.revision} of ${revision.name} is ${what}: ${(cause as Error).message}`,
      { untouched: 'nothing was written', next: advice`${command}, and see what is wrong with it`, cause },
    );
  }
  READ.set(revision, texts);
  remember(sourceTexts, texts);
  return texts;
}

function lastRead(texts: readonly string[]): ManifestText[] | undefined {
  return LAST_READ.find(
    (one) => one.texts.length === texts.length && one.texts.every((text, index) => text === texts[index]),
  )?.read;
}

function remember(texts: readonly string[], read: ManifestText[]): void {
  if (texts.reduce((sum, { length }) => sum + length, 0) > LONGEST_REMEMBERED) return;
  LAST_READ.unshift({ texts, read });
  LAST_READ.length = Math.min(LAST_READ.length, REMEMBERED);
}

/** Reads what namedObjects will want of the release, in small steps: a large one takes seconds. */
export function* readingManifests(history: HelmRevision[]): Generator<void, void> {
  for (const revision of currentRevisions(history)) yield* readingTexts(revision);
}

/**
 * The items of a List, of a ConfigMapList and the like, which name their items' kind (as kubectl's and Helm's
 * resource builder takes them: k8s.io/cli-runtime/pkg/resource, FlattenListVisitor).
 */
export function unfoldList(value: Json, from: JsonObject = {}): KubeObject[] {
  if (!isObject(value)) return [];
  const object: KubeObject = { ...from, ...value };
  if (typeof object.kind !== 'string') return [];
  if (!object.kind.endsWith('List') || !Array.isArray(object.items)) return [object];
  const kind = object.kind.slice(0, -'List'.length);
  const defaults = kind === '' ? {} : { apiVersion: object.apiVersion ?? '', kind };
  return object.items.flatMap((item) => unfoldList(item, defaults));
}

/**
 * Classifies the live objects of a release: owned where a manifest names them, referenced where an owned one
 * names them, recorded only where a restore must not write them (writable-object.ts).
 * @param live looks an object up by its reference.
 * @returns owned ones in the manifest's order, then referenced ones, and what is named but not there.
 */
export function classifyObjects(
  named: NamedObject[],
  namespace: string,
  live: (ref: ObjectRef) => KubeObject | undefined,
): { classified: ClassifiedObject[]; missing: ObjectRef[] } {
  const classified = new Map<string, ClassifiedObject>();
  const missing = new Map<string, ObjectRef>();
  const classify = (ref: ObjectRef, role: Role, from: string): void => {
    const key = keyOf(ref);
    if (classified.has(key)) return;
    const object = live(ref);
    if (object === undefined) missing.set(key, ref);
    else {
      const onlyRecorded =
        recordedOnly(object, namespace) ?? neverRun(object, from) ?? whyNeverWritten(object, namespace);
      classified.set(key, {
        object,
        ref: refOf(object),
        role: onlyRecorded === undefined ? role : 'recorded',
        from: onlyRecorded === undefined ? from : `${from}; ${onlyRecorded}`,
      });
    }
  };
  for (const { ref, from } of named) classify(ref, 'owned', from);
  // A referenced ServiceAccount names Secrets in its turn, so the list grows while it is walked.
  const toFollow = [...classified.values()];
  for (const { object, ref: owner, role } of toFollow) {
    if (role === 'recorded') continue;
    for (const { ref, by } of referencesOf(object)) {
      const before = classified.size;
      classify({ ...ref, namespace }, 'referenced', `${displayName(owner)} ${by}`);
      if (classified.size > before) toFollow.push([...classified.values()].at(-1)!);
    }
  }
  return { classified: [...classified.values()], missing: [...missing.values()] };
}

/** A hook's Job or Pod: making it again would run the hook. */
function neverRun(object: KubeObject, from: string): string | undefined {
  const runs = object.kind === 'Job' || object.kind === 'Pod';
  return from === 'hook' && runs ? 'a restore runs no hooks' : undefined;
}

/**
 * Why an object is left to others, whatever its kind: it lies elsewhere, something controls it, or the cluster made
 * it; undefined where it is somebody's own.
 */
export function recordedOnly(object: KubeObject, namespace: string): string | undefined {
  const ref = refOf(object);
  if (ref.namespace === undefined) return 'cluster-wide';
  if (ref.namespace !== namespace) return `in namespace ${ref.namespace}`;
  const controller = arrayAt(object, 'metadata', 'ownerReferences').find(
    (owner) => isObject(owner) && owner.controller === true,
  );
  if (controller !== undefined) {
    return `controlled by ${stringAt(controller, 'kind') ?? '?'} ${stringAt(controller, 'name') ?? '?'}`;
  }
  return madeByCluster(object);
}
