import { UnreachableError } from '../../src/errors/tool-error.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { KubeClient, ListQuery, ResourceType } from '../../src/kube/client.ts';
import { PackedObject } from '../../src/kube/packed-object.ts';
import { cloneJson, stringAt } from '../../src/model/json/json.ts';
import {
  groupOf,
  type KubeObject,
  labelsOf,
  type ObjectRef,
  refOf,
  uidOf,
} from '../../src/model/kubernetes/object.ts';
import type { ModelServer } from './api-server.ts';

/** One request to a model cluster. */
export interface ModelRequest {
  verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete';
  kind: string;
  name: string;
  dryRun: boolean;
}

/** What happens around a request, which waits for what is returned. */
export interface Happening {
  /** Before the server gets it: what is thrown here, it never got. */
  before?(request: ModelRequest): Promise<never> | undefined;
  /** After the server did it: what is thrown here, its client gets in place of the answer. */
  after?(request: ModelRequest): Promise<never> | undefined;
}

/** A cluster-wide kind of those that are used here. */
const CLUSTER_WIDE = new Set(['Namespace']);

/**
 * All that a restore and its undo ask of a cluster, answered by a model of the API server, a request at a time, so that
 * somebody else may write between any two of them. No pods, no webhooks, no port-forwards; everybody may do everything.
 */
export function modelCluster(server: ModelServer, happening: Happening): KubeClient {
  const request = async <T>(
    asked: Omit<ModelRequest, 'dryRun'> & { dryRun?: boolean },
    answer: () => T,
  ): Promise<T> => {
    const made = { dryRun: false, ...asked };
    await happening.before?.(made);
    const given = answer();
    await happening.after?.(made);
    return given;
  };
  const named = (verb: ModelRequest['verb'], { kind, name }: ObjectRef) => ({ verb, kind, name });
  const list = (type: ResourceType, options: ListQuery): Promise<KubeObject[]> =>
    request({ verb: 'list', kind: type.kind, name: '' }, () =>
      server.objects
        .filter(
          (object) =>
            object.kind === type.kind && object.apiVersion === type.apiVersion && isListed(object, options),
        )
        .map((object) => {
          const copy = cloneJson(object);
          if (options.metadataOnly === true)
            return { apiVersion: copy.apiVersion!, kind: copy.kind!, metadata: copy.metadata! };
          return copy;
        }),
    );
  const stub: Partial<KubeClient> = {
    namespace: 'shop',
    contextName: 'model',
    server: 'https://model',
    caDigest: 'ab'.repeat(32),
    raw: async () => ({ gitVersion: 'v1.34.4' }),
    resourceType: async (apiVersion, kind) => ({
      apiVersion,
      kind,
      plural: `${kind.toLowerCase()}s`,
      namespaced: !CLUSTER_WIDE.has(kind),
    }),
    get: (ref) =>
      request(named('get', ref), () => {
        const object = server.get(ref);
        return object === undefined ? undefined : cloneJson(object);
      }),
    list,
    listAs: async (type, options, keep) =>
      (await list(type, options)).map((object) => keep(object, PackedObject.of(object))),
    create: async (form, { dryRun = false, fieldManager }) => {
      if (groupOf(String(form.apiVersion)) === 'authorization.k8s.io')
        return { ...form, status: { allowed: true } };
      return request({ ...named('create', refOf(form)), dryRun }, () => {
        if (server.get(refOf(form)) !== undefined)
          throw status(409, 'AlreadyExists', `${refOf(form).name} already exists`);
        return dryRun ? tried(server, form) : written(server, form, fieldManager);
      });
    },
    replace: (form, { dryRun = false, fieldManager }) =>
      request({ ...named('update', refOf(form)), dryRun }, () => {
        if (server.get(refOf(form)) === undefined)
          throw status(404, 'NotFound', `${refOf(form).name} not found`);
        return dryRun ? tried(server, form) : written(server, form, fieldManager);
      }),
    patch: (ref, operations) =>
      request(named('patch', ref), () => {
        const object = server.get(ref);
        if (object === undefined) throw status(404, 'NotFound', `${ref.name} not found`);
        const version = operations.find(({ path }) => path === '/metadata/resourceVersion')?.value;
        if (version !== stringAt(object, 'metadata', 'resourceVersion'))
          throw status(422, 'Invalid', 'test failed');
        const entries = operations.find(({ path }) => path === '/metadata/managedFields')?.value;
        server.setManagedFields(ref, entries!);
        return cloneJson(server.get(ref)!);
      }),
    delete: (ref, { uid, resourceVersion }) =>
      request(named('delete', ref), () => {
        const object = server.get(ref);
        if (object === undefined) return false;
        const isMoved =
          resourceVersion !== undefined &&
          resourceVersion !== stringAt(object, 'metadata', 'resourceVersion');
        if (uidOf(object) !== uid || isMoved) throw status(409, 'Conflict', 'the precondition failed');
        server.delete(ref, uid);
        return true;
      }),
    portForward: async () => {
      throw new UnreachableError('there are no pods here');
    },
    close: () => {},
  };
  return stub as KubeClient;
}

function tried(server: ModelServer, form: KubeObject): KubeObject {
  const answer = server.try(form);
  if (answer.kind === 'accepted') return cloneJson(answer.object);
  if (answer.kind === 'refused') throw status(answer.status, answer.reason, answer.message);
  throw new Error(answer.why);
}

function written(server: ModelServer, form: KubeObject, manager: string): KubeObject {
  tried(server, form);
  return cloneJson(server.write(form, manager));
}

function status(code: number, reason: string, message: string): ApiError {
  const body = JSON.stringify({ kind: 'Status', status: 'Failure', code, reason, message });
  return ApiError.fromReply(code, body, { verb: 'update', group: '', resource: 'objects' });
}

/** Equality, inequality and sets of labels, and a name: what is asked for here. */
function isListed(object: KubeObject, { namespace, labelSelector = '', fieldSelector }: ListQuery): boolean {
  const ref = refOf(object);
  if (namespace !== undefined && ref.namespace !== namespace) return false;
  if (fieldSelector !== undefined && fieldSelector !== `metadata.name=${ref.name}`) return false;
  const labels = labelsOf(object);
  return labelSelector
    .split(/,(?![^(]*\))/)
    .filter((term) => term !== '')
    .every((term) => {
      const [, name = '', operator, value = ''] = /^([^!= ]+)(!=|=| in )\(?([^)]*)\)?$/.exec(term) ?? [];
      const is = value.split(',').includes(labels[name] ?? '');
      return operator === '!=' ? !is : is;
    });
}
