import type { Duplex } from 'node:stream';
import type { Json, JsonObject } from '../model/json/json.ts';
import type { KubeObject, ObjectRef } from '../model/kubernetes/object.ts';
import type { PackedObject } from './packed-object.ts';

/** A kind as the API server serves it. */
export interface ResourceType {
  apiVersion: string;
  kind: string;
  /** The plural in the URL: "deployments". */
  plural: string;
  namespaced: boolean;
}

export interface ListQuery {
  /** All namespaces where absent. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Of each object the metadata alone (meta/v1 PartialObjectMetadataList), however much it holds. */
  metadataOnly?: boolean;
}

/** What the connection itself shows, whatever is asked over it. */
export interface ConnectionFacts {
  /** gitVersion: "v1.34.4"; "unknown" where the server does not say. */
  serverVersion: string;
  /** The server's clock when it answered (whole seconds, rounded down), and this machine's at that moment. */
  clocks: { server: Date; local: Date } | undefined;
  /** When the certificate that the server showed ends; undefined without TLS. */
  serverCertificateEnds: Date | undefined;
  /**
   * When what proves who we are ends; undefined where that can't be told, and where it is renewed by itself
   * (an exec plugin, an auth provider, a service account's token file).
   */
  credentialsEnd: { what: 'client certificate' | 'token'; at: Date } | undefined;
}

/** Which part of a container's log is read. */
export interface LogOptions {
  /** The pod's only container where absent. */
  container?: string;
  /** Of the container's last run, before it was started again. */
  previous?: boolean;
  /** Of its end alone; from the beginning, or from `since` on, where absent. */
  tailLines?: number;
  /** RFC 3339, of which the server heeds whole seconds. */
  since?: string;
  /** Each line begins with when it was written (RFC 3339 with nanoseconds) and a space. */
  timestamps?: boolean;
}

/** No more of a log is read at a time, bytes: one that is all in one line must not fill the memory. */
export const LOG_LIMIT = 256 * 1024;

export interface WriteOptions {
  /** The name that managedFields records for what this write sets. */
  fieldManager: string;
  /** Asks the server for the outcome without doing it (dryRun=All). */
  dryRun?: boolean;
  /** Told what the server warns of. */
  onWarning?: (text: string) => void;
}

/** One operation of a JSON patch (RFC 6902). */
export interface JsonPatchOperation {
  op: 'test' | 'add' | 'replace' | 'remove';
  path: string;
  value?: Json;
}

/**
 * The thin REST client: plain JSON in and out, numbers untouched. Every method throws
 * {@link ApiError} (kube/api-error.ts) with the server's own reason, or UnreachableError.
 */
export interface KubeClient {
  /** The namespace of -n, of the context, or "default". */
  readonly namespace: string;
  /** The kubeconfig context's name; "in-cluster" or "" where there is none. */
  readonly contextName: string;
  readonly server: string;
  /** sha256 of the CA certificate, lower-case hex; undefined without one. */
  readonly caDigest: string | undefined;

  /** GET of any API path, parsed: "/version". */
  raw(path: string): Promise<JsonObject>;
  /** Asks for the server's version and looks at the connection on the way. */
  connectionFacts(): Promise<ConnectionFacts>;
  /** The object, or undefined where it does not exist (404). */
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
  /** The same of its apiVersion, kind and metadata: the rest is not asked for. RBAC: get. */
  getMetadata(ref: ObjectRef): Promise<KubeObject | undefined>;
  /** Every object of a kind, all pages; apiVersion and kind are added to each. */
  list(type: ResourceType, options: ListQuery): Promise<KubeObject[]>;
  /** What `keep` makes of each of them as it arrives: many objects take several times the memory of their text. */
  listAs<T>(
    type: ResourceType,
    options: ListQuery,
    keep: (object: KubeObject, packed: PackedObject) => T,
  ): Promise<T[]>;
  /** A part of a container's log, as text, of {@link LOG_LIMIT} at most. RBAC: get on pods/log. */
  podLog(namespace: string, pod: string, options: LogOptions): Promise<string>;
  create(object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  /** PUT; the object carries the resourceVersion it was read at. */
  replace(object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  patch(ref: ObjectRef, operations: JsonPatchOperation[], options: WriteOptions): Promise<KubeObject>;
  /**
   * Server-side apply: what `object` says becomes so, and is `fieldManager`'s; fields that it said before and does not now go.
   * Fields of other managers that it says are taken over. RBAC: patch, and create where it is missing.
   */
  apply(object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  /** Deletes only the object with this uid; true where it was there. */
  delete(
    ref: ObjectRef,
    options: {
      uid: string;
      /** Only where nobody wrote the object since. */
      resourceVersion?: string;
      dryRun?: boolean;
      propagation?: 'Background' | 'Foreground';
    },
  ): Promise<boolean>;
  /** POST to the pod's eviction subresource, so that PodDisruptionBudgets are honoured. */
  evict(ref: ObjectRef, options: { uid: string }): Promise<void>;
  /** How a kind is served; undefined where the cluster does not know it. */
  resourceType(apiVersion: string, kind: string): Promise<ResourceType | undefined>;
  /**
   * Requests are about to be made: the connection may be opened meanwhile.
   * @returns when that has begun. @throws what the first request will.
   */
  connect?(): Promise<void>;
  /** So many port-forwards are about to be wanted: their connections may be opened meanwhile. Never throws, promises nothing. */
  expectPortForwards?(count: number): void;
  /** A connection to a port of a pod. @throws UnreachableError when it is not open within `timeoutMs`. */
  portForward(namespace: string, pod: string, port: number, timeoutMs: number): Promise<Duplex>;
  /** Ends idle connections, so that the process can exit. */
  close(): void;
}
