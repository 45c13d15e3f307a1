import { ToolError } from '../errors/tool-error.ts';
import { type JsonObject, stringAt } from '../model/json/json.ts';
import { displayName, groupOf, type KubeObject, type ObjectRef, refOf } from '../model/kubernetes/object.ts';
import { type ApiCall, ApiError } from './api-error.ts';
import { caDigest } from './ca-digest.ts';
import {
  type ConnectionFacts,
  type JsonPatchOperation,
  type KubeClient,
  type ListQuery,
  LOG_LIMIT,
  type LogOptions,
  type ResourceType,
  type WriteOptions,
} from './client.ts';
import { Discovery } from './discovery.ts';
import { type Keep, listAll } from './list-pages.ts';
import { metadataType } from './metadata-type.ts';
import type { PortForwarder } from './port-forward.ts';
import { isPathSegment, resourcePath } from './resource-types.ts';
import type { Rest } from './rest.ts';

const JSON_TYPE = 'application/json';
/** What is created in this group is a question and its answer; nothing is kept. */
const REVIEWS = 'authorization.k8s.io';

/** Where a connection leads, for messages and for the store's folders. */
export interface ClientIdentity {
  namespace: string;
  contextName: string;
  server: string;
  /** PEM; undefined: the system's. */
  ca: Buffer | undefined;
}

interface Location {
  path: string;
  call: Omit<ApiCall, 'verb'>;
}

/** {@link KubeClient} over REST calls and WebSockets. */
export class RestKubeClient implements KubeClient {
  readonly namespace: string;
  readonly contextName: string;
  readonly server: string;
  readonly #ca: Buffer | undefined;
  #caDigest: string | undefined;
  readonly #rest: Rest;
  readonly #discovery: Discovery;
  readonly #portForwarder: PortForwarder;
  readonly #close: () => void;

  constructor(identity: ClientIdentity, rest: Rest, portForwarder: PortForwarder, close: () => void) {
    this.namespace = identity.namespace;
    this.contextName = identity.contextName;
    this.server = identity.server;
    this.#ca = identity.ca;
    this.#rest = rest;
    this.#discovery = new Discovery(rest);
    this.#portForwarder = portForwarder;
    this.#close = close;
  }

  /** Worked out when it is asked for, while answers are awaited: what hashes takes milliseconds to load. */
  get caDigest(): string | undefined {
    this.#caDigest ??= this.#ca === undefined ? undefined : caDigest(this.#ca);
    return this.#caDigest;
  }

  raw(path: string): Promise<JsonObject> {
    const resource = path.replace(/\?.*$/s, '');
    return this.#rest.send({ method: 'GET', path, call: { verb: 'get', group: '', resource } });
  }

  async connectionFacts(): Promise<ConnectionFacts> {
    const call = { verb: 'get', group: '', resource: '/version' };
    const { headers, certificate, json } = await this.#rest.reply({ method: 'GET', path: '/version', call });
    const local = new Date();
    const server = new Date(headers.date ?? '');
    return {
      serverVersion: stringAt(json, 'gitVersion') ?? 'unknown',
      clocks: Number.isNaN(server.getTime()) ? undefined : { server, local },
      serverCertificateEnds: certificate === undefined ? undefined : new Date(certificate.valid_to),
      credentialsEnd: await this.#rest.credentialsEnd(),
    };
  }

  get(ref: ObjectRef): Promise<KubeObject | undefined> {
    return this.#get(ref);
  }

  async getMetadata(ref: ObjectRef): Promise<KubeObject | undefined> {
    const answer = await this.#get(ref, metadataType('PartialObjectMetadata'));
    if (answer === undefined) return undefined;
    return { apiVersion: ref.apiVersion, kind: ref.kind, metadata: answer.metadata ?? {} };
  }

  async #get(ref: ObjectRef, accept?: string): Promise<KubeObject | undefined> {
    const type = await this.resourceType(ref.apiVersion, ref.kind);
    if (type === undefined) return undefined;
    const { namespace = this.namespace, name } = ref;
    // A hook with a generateName has no name to be found by.
    if (!isPathSegment(name) || (type.namespaced && !isPathSegment(namespace))) return undefined;
    const { path, call } = this.#locate(type, ref);
    return ifFound(
      this.#rest.send({
        method: 'GET',
        path,
        call: { ...call, verb: 'get' },
        ...(accept === undefined ? {} : { accept }),
      }),
    );
  }

  list(type: ResourceType, options: ListQuery): Promise<KubeObject[]> {
    return this.listAs(type, options, (object) => object);
  }

  listAs<T>(type: ResourceType, options: ListQuery, keep: Keep<T>): Promise<T[]> {
    return listAll(this.#rest, type, options, keep);
  }

  podLog(namespace: string, pod: string, options: LogOptions): Promise<string> {
    const query = new URLSearchParams({
      limitBytes: String(LOG_LIMIT),
      ...(options.tailLines === undefined ? {} : { tailLines: String(options.tailLines) }),
      ...(options.since === undefined ? {} : { sinceTime: options.since }),
      ...(options.timestamps === true ? { timestamps: 'true' } : {}),
      ...(options.container === undefined ? {} : { container: options.container }),
      ...(options.previous === true ? { previous: 'true' } : {}),
    });
    const type: ResourceType = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
    return this.#rest.text({
      method: 'GET',
      path: `${resourcePath(type, namespace, pod)}/log?${query}`,
      call: { verb: 'get', group: '', resource: 'pods/log', namespace, name: pod },
    });
  }

  async create(object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    const ref = refOf(object);
    const type = await this.#mustKnow(ref);
    const namespace = type.namespaced ? (ref.namespace ?? this.namespace) : undefined;
    return this.#rest.send({
      method: 'POST',
      path: resourcePath(type, namespace) + writeQuery(options),
      body: { contentType: JSON_TYPE, text: JSON.stringify(object) },
      // What is created may have no name yet.
      call: { ...callOf(type, ref.name, namespace), verb: 'create' },
      changesNothing: options.dryRun === true || groupOf(type.apiVersion) === REVIEWS,
      onWarning: options.onWarning,
    });
  }

  async replace(object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    const ref = refOf(object);
    const { path, call } = this.#locate(await this.#mustKnow(ref), ref);
    return this.#rest.send({
      method: 'PUT',
      path: path + writeQuery(options),
      body: { contentType: JSON_TYPE, text: JSON.stringify(object) },
      call: { ...call, verb: 'update' },
      changesNothing: options.dryRun === true,
      onWarning: options.onWarning,
    });
  }

  async patch(ref: ObjectRef, operations: JsonPatchOperation[], options: WriteOptions): Promise<KubeObject> {
    const { path, call } = this.#locate(await this.#mustKnow(ref), ref);
    return this.#rest.send({
      method: 'PATCH',
      path: path + writeQuery(options),
      body: { contentType: 'application/json-patch+json', text: JSON.stringify(operations) },
      call: { ...call, verb: 'patch' },
      changesNothing: options.dryRun === true,
    });
  }

  async apply(object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    const ref = refOf(object);
    const { path, call } = this.#locate(await this.#mustKnow(ref), ref);
    return this.#rest.send({
      method: 'PATCH',
      path: `${path}${writeQuery(options)}&force=true`,
      // JSON is YAML; every server since 1.16 takes this type.
      body: { contentType: 'application/apply-patch+yaml', text: JSON.stringify(object) },
      call: { ...call, verb: 'patch' },
      changesNothing: options.dryRun === true,
    });
  }

  async delete(
    ref: ObjectRef,
    options: {
      uid: string;
      resourceVersion?: string;
      dryRun?: boolean;
      propagation?: 'Background' | 'Foreground';
    },
  ): Promise<boolean> {
    const { uid, resourceVersion } = options;
    const { path, call } = this.#locate(await this.#mustKnow(ref), ref);
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      propagationPolicy: options.propagation ?? 'Background',
      ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
    };
    const answer = await ifFound(
      this.#rest.send({
        method: 'DELETE',
        path,
        body: { contentType: JSON_TYPE, text: JSON.stringify(body) },
        call: { ...call, verb: 'delete' },
        changesNothing: options.dryRun === true,
      }),
    );
    return answer !== undefined;
  }

  async evict(ref: ObjectRef, options: { uid: string }): Promise<void> {
    const { path, call } = this.#locate(await this.#mustKnow(ref), ref);
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: ref.name, namespace: call.namespace ?? this.namespace },
      deleteOptions: { preconditions: { uid: options.uid } },
    };
    await this.#rest.send({
      method: 'POST',
      path: `${path}/eviction`,
      body: { contentType: JSON_TYPE, text: JSON.stringify(body) },
      call: { ...call, resource: `${call.resource}/eviction`, verb: 'create' },
      // 429 says that a PodDisruptionBudget allows no eviction now; the caller decides how long to wait.
      retryTooManyRequests: false,
    });
  }

  resourceType(apiVersion: string, kind: string): Promise<ResourceType | undefined> {
    return this.#discovery.resourceType(apiVersion, kind);
  }

  connect(): Promise<void> {
    return this.#rest.connect();
  }

  expectPortForwards(count: number): void {
    this.#portForwarder.expect(count);
  }

  portForward(namespace: string, pod: string, port: number, timeoutMs: number) {
    return this.#portForwarder.open(namespace, pod, port, timeoutMs);
  }

  close(): void {
    this.#close();
  }

  #locate(type: ResourceType, ref: ObjectRef): Location {
    const namespace = type.namespaced ? (ref.namespace ?? this.namespace) : undefined;
    return { path: resourcePath(type, namespace, ref.name), call: callOf(type, ref.name, namespace) };
  }

  async #mustKnow(ref: ObjectRef): Promise<ResourceType> {
    const type = await this.resourceType(ref.apiVersion, ref.kind);
    if (type !== undefined) return type;
    throw new ToolError(
      `the cluster does not know the kind of ${displayName(ref)}: no matches for kind "${ref.kind}" in version "${ref.apiVersion}"`,
      { next: `install the CustomResourceDefinition of ${ref.kind} first, then run the same command again` },
    );
  }
}

function callOf(type: ResourceType, name: string, namespace: string | undefined): Location['call'] {
  return {
    group: groupOf(type.apiVersion),
    resource: type.plural,
    ...(namespace === undefined ? {} : { namespace }),
    name,
  };
}

function writeQuery(options: WriteOptions): string {
  const query = new URLSearchParams({ fieldManager: options.fieldManager });
  if (options.dryRun === true) query.set('dryRun', 'All');
  return `?${query}`;
}

/** undefined for "404, no such object". */
async function ifFound(answer: Promise<JsonObject>): Promise<JsonObject | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
