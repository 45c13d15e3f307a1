import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type WebSocket, WebSocketServer } from 'ws';
import { ApiError } from '../../src/kube/api-error.ts';
import type { JsonPatchOperation, KubeClient, ResourceType } from '../../src/kube/client.ts';
import { builtInType } from '../../src/kube/resource-types.ts';
import { type JsonObject, stringAt } from '../../src/model/json/json.ts';
import type { KubeObject, ObjectRef } from '../../src/model/kubernetes/object.ts';
import { selfSigned } from '../../test/e2e/support/self-signed.ts';
import type { ModelServer } from '../../test/support/api-server.ts';
import { modelCluster } from '../../test/support/model-cluster.ts';

/** An API server on this machine. */
export interface WarmUpCluster extends AsyncDisposable {
  /** https://127.0.0.1:… */
  url: string;
  /** Its own authority, PEM. */
  certificate: string;
}

/**
 * The model of the API server that tests use, over HTTP/2 and for WebSockets HTTP/1.1: what the tool asks of a cluster, as far as a healthy release
 * makes it ask.
 * @param afterWrite called when an object was written.
 * @param memcached what answers behind a pod's port, line by line; undefined: it waits for more.
 */
export async function warmUpCluster(
  server: ModelServer,
  afterWrite: () => void,
  memcached: (pod: KubeObject) => (line: string) => string | undefined,
): Promise<WarmUpCluster> {
  const client = modelCluster(server, {});
  const { cert, key } = selfSigned();
  const connections = new Set<Duplex>();
  const listener = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
    answer(client, server, request)
      .catch(refusalOf)
      .then(({ status, body }) => {
        if (request.method !== 'GET' && status < 300) afterWrite();
        send(response, status, body);
      });
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v4.channel.k8s.io' });
  listener.on('secureConnection', (socket: Duplex) => {
    connections.add(socket.on('error', () => {}));
  });
  listener.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { name, namespace } = pathOf(request);
    const pod = server.get({ apiVersion: 'v1', kind: 'Pod', namespace, name })!;
    sockets.handleUpgrade(request, socket, head, (socket) => forward(socket, memcached(pod)));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `https://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    certificate: cert,
    [Symbol.asyncDispose]: async () => {
      for (const socket of connections) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

type Request = IncomingMessage | Http2ServerRequest;

interface Answer {
  status: number;
  body: JsonObject;
}

interface ApiPath {
  apiVersion: string;
  namespace: string;
  plural: string;
  name: string;
  query: URLSearchParams;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
function pathOf(request: Request): ApiPath {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://any');
  const [, apiVersion = '', namespace = '', plural = '', name = ''] =
    /^\/apis?\/(v1|[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/.))?\/([^/]+)(?:\/([^/]+))?/.exec(pathname) ??
    [];
  return { apiVersion, namespace, plural, name, query };
}

/** @throws ApiError where the model refuses. */
async function answer(client: KubeClient, server: ModelServer, request: Request): Promise<Answer> {
  const body = await bodyOf(request);
  if (request.url === '/version') return { status: 200, body: await client.raw('/version') };
  const served = /^\/apis?(?:\/(v1|[^/]+\/[^/]+))?$/.exec(request.url ?? '');
  if (served !== null) return { status: 200, body: discovery(server, served[1]) };
  const { apiVersion, namespace, plural, name, query } = pathOf(request);
  const write = { fieldManager: query.get('fieldManager') ?? '', dryRun: query.get('dryRun') === 'All' };
  const { method } = request;
  if (method === 'POST') return { status: 201, body: await client.create(body as KubeObject, write) };
  if (method === 'PUT') return { status: 200, body: await client.replace(body as KubeObject, write) };
  const kind = kindOf(server, apiVersion, plural);
  const inNamespace = namespace === '' ? {} : { namespace };
  if (name === '') {
    const type: ResourceType = { apiVersion, kind, plural, namespaced: namespace !== '' };
    const [labelSelector, fieldSelector] = [query.get('labelSelector'), query.get('fieldSelector')];
    const items = await client.list(type, {
      ...inNamespace,
      ...(labelSelector === null ? {} : { labelSelector }),
      ...(fieldSelector === null ? {} : { fieldSelector }),
      metadataOnly: request.headers.accept?.includes('PartialObjectMetadata') === true,
    });
    return { status: 200, body: { kind: 'List', apiVersion: 'v1', metadata: {}, items } };
  }
  const ref: ObjectRef = { apiVersion, kind, name, ...inNamespace };
  const object = await client.get(ref);
  if (object === undefined) return notFound(`${plural} "${name}" not found`);
  if (method === 'GET') return { status: 200, body: object };
  if (method === 'PATCH')
    return {
      status: 200,
      body: await client.patch(ref, body as unknown as JsonPatchOperation[], write),
    };
  const uid = stringAt(body, 'preconditions', 'uid') ?? '';
  if (body.dryRun === undefined) await client.delete(ref, { uid });
  return { status: 200, body: { kind: 'Status', status: 'Success' } };
}

/** "" where there is nothing of it. */
function kindOf(server: ModelServer, apiVersion: string, plural: string): string {
  const kinds = server.objects
    .filter((object) => object.apiVersion === apiVersion)
    .map((object) => String(object.kind));
  return kinds.find((kind) => builtInType(apiVersion, kind)?.plural === plural) ?? '';
}

/** The groups, or the resources of one version: of the objects that are there. */
function discovery(server: ModelServer, apiVersion: string | undefined): JsonObject {
  const versions = [...new Set(server.objects.map((object) => String(object.apiVersion)))];
  if (apiVersion === undefined) {
    const groups = versions.map((groupVersion) => ({ versions: [{ groupVersion }] }));
    return { kind: 'APIGroupList', groups };
  }
  const kinds = new Set(
    server.objects.filter((object) => object.apiVersion === apiVersion).map((object) => String(object.kind)),
  );
  const resources = [...kinds].map((kind) => {
    const { plural, namespaced } = builtInType(apiVersion, kind)!;
    return { name: plural, kind, namespaced, verbs: ['get', 'list'] };
  });
  return { kind: 'APIResourceList', groupVersion: apiVersion, resources };
}

async function bodyOf(request: Request): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
}

function notFound(message: string): Answer {
  const body = { kind: 'Status', status: 'Failure', reason: 'NotFound', message, code: 404 };
  return { status: 404, body };
}

function refusalOf(error: unknown): Answer {
  if (!(error instanceof ApiError)) throw error;
  const { status: code, reason, serverMessage: message } = error;
  return { status: code, body: { kind: 'Status', status: 'Failure', reason, message, code } };
}

/** Packed where the API server would pack it: what is long, to whoever takes it. */
function send(response: Http2ServerResponse, status: number, body: JsonObject): void {
  const text = JSON.stringify(body);
  const isPacked = text.length > 1024;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
  });
  response.end(isPacked ? gzipSync(text) : text);
}

/** The kubelet's framing (src/kube/port-forward-stream.ts): channel 0 is data, 1 is errors. */
function forward(socket: WebSocket, answerTo: (line: string) => string | undefined): void {
  const port = [0xcb, 0x2b];
  for (const channel of [0, 1]) socket.send(Buffer.from([channel, ...port]));
  socket.on('message', (data: Buffer) => {
    for (const line of data.subarray(1).toString().split('\r\n').slice(0, -1)) {
      const text = answerTo(line);
      if (text !== undefined) socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(text)]));
    }
  });
}
