import {
  arrayAt,
  cloneJson,
  type JsonObject,
  jsonEqual,
  objectAt,
  stringAt,
} from '../../src/model/json/json.ts';
import { type KubeObject, keyOf, type ObjectRef, refOf } from '../../src/model/kubernetes/object.ts';
import type { DryRunAnswer } from '../../src/restore/plan/dry-run.ts';

/**
 * A model of the API server for tests: it defaults nothing and runs no controllers, but keeps the books as the
 * real one does (identity, versions, status out of reach of a PUT) and refuses what the real one refuses.
 */
export class ModelServer {
  readonly #objects = new Map<string, KubeObject>();
  #version = 1000;

  constructor(objects: readonly KubeObject[]) {
    for (const object of objects) this.#objects.set(keyOf(refOf(object)), cloneJson(object));
  }

  get objects(): KubeObject[] {
    return [...this.#objects.values()];
  }

  get(ref: ObjectRef): KubeObject | undefined {
    return this.#objects.get(keyOf(ref));
  }

  /** What a POST or PUT would give. */
  try(form: KubeObject): DryRunAnswer {
    const current = this.get(refOf(form));
    const sent = objectAt(form, 'metadata') ?? {};
    if (current === undefined) {
      if (sent.uid !== undefined || sent.resourceVersion !== undefined)
        return refusal(422, 'Invalid', 'resourceVersion should not be set on objects to be created');
      const made = { uid: `uid-${this.#version}`, resourceVersion: String(this.#version), generation: 1 };
      return { kind: 'accepted', object: { ...form, metadata: { ...sent, ...made } } };
    }
    const kept = objectAt(current, 'metadata') ?? {};
    if (sent.resourceVersion !== kept.resourceVersion || sent.uid !== kept.uid)
      return refusal(409, 'Conflict', 'the object has been modified');
    const [was, will] = [current, form].map((object) => objectAt(object, 'spec', 'selector'));
    if (form.kind === 'Deployment' && !jsonEqual(was, will))
      return refusal(422, 'Invalid', 'spec.selector: Invalid value: field is immutable');
    if (form.kind === 'Secret' && form.type !== current.type)
      return refusal(422, 'Invalid', 'type: Invalid value: field is immutable');
    const bookkeeping: JsonObject = {};
    for (const field of ['uid', 'creationTimestamp', 'generation'])
      if (kept[field] !== undefined) bookkeeping[field] = kept[field];
    const moved = !jsonEqual(contentOf(current), contentOf(form));
    const resourceVersion = moved ? String(this.#version) : (kept.resourceVersion ?? '');
    const metadata = { ...sent, ...bookkeeping, resourceVersion };
    const { status } = current;
    return {
      kind: 'accepted',
      object: { ...form, metadata, ...(status === undefined ? {} : { status }) },
    };
  }

  /** A POST or PUT. @param manager whom managedFields name for it. @throws Error where it is refused. */
  write(form: KubeObject, manager?: string): KubeObject {
    const answer = this.try(form);
    if (answer.kind !== 'accepted') throw new Error(`refused: ${JSON.stringify(answer)}`);
    const before = this.get(refOf(form));
    this.#version++;
    const object = cloneJson(answer.object);
    const metadata = objectAt(object, 'metadata')!;
    const isRelease = stringAt(object, 'data', 'release') !== undefined;
    const owners = arrayAt(before, 'metadata', 'managedFields').map((entry) =>
      // Whoever writes a field takes it from its owner.
      isRelease ? { ...(entry as JsonObject), fieldsV1: {} } : cloneJson(entry),
    );
    const changes = before === undefined || !jsonEqual(contentOf(before), contentOf(object));
    if (manager !== undefined && (changes || isRelease)) owners.push(ownership(manager, object));
    if (owners.length > 0) metadata.managedFields = owners;
    else delete metadata.managedFields;
    this.#objects.set(keyOf(refOf(object)), object);
    return object;
  }

  /** The JSON patch that gives ownership back. */
  setManagedFields(ref: ObjectRef, entries: JsonObject['managedFields']): void {
    const object = this.get(ref);
    const metadata = objectAt(object, 'metadata');
    if (metadata === undefined || entries === undefined) throw new Error('there is nothing to patch');
    if (jsonEqual(entries, [{}])) delete metadata.managedFields;
    else metadata.managedFields = cloneJson(entries);
  }

  /** @throws Error where the object is not there, or is another one of the same name. */
  delete(ref: ObjectRef, uid: string | undefined): void {
    const object = this.get(ref);
    if (object === undefined || stringAt(object, 'metadata', 'uid') !== uid) throw new Error('404 or 409');
    this.#objects.delete(keyOf(ref));
  }
}

/** What an update by this manager adds to managedFields, as far as anybody here looks. */
function ownership(manager: string, object: KubeObject): JsonObject {
  const release = stringAt(object, 'data', 'release') === undefined ? {} : { 'f:data': { 'f:release': {} } };
  return {
    manager,
    operation: 'Update',
    apiVersion: object.apiVersion!,
    fieldsType: 'FieldsV1',
    fieldsV1: release,
  };
}

function refusal(status: number, reason: string, message: string): DryRunAnswer {
  return { kind: 'refused', status, reason, message };
}

function contentOf({ status: _status, metadata, ...content }: KubeObject): JsonObject {
  const { labels = {}, annotations = {} } = (metadata ?? {}) as JsonObject;
  return { ...content, labels, annotations };
}
