import type { Agent, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { readAnswer } from './read-answer.ts';
import {
  bodyAndHeaders,
  type HttpReply,
  type HttpRequest,
  type Transport,
  withinItsTime,
} from './transport.ts';

/** HTTP/1.1 over an agent's keep-alive connections. */
export function http1Transport(agent: Agent): Transport {
  return {
    send: (request) => send(request, agent),
    close: () => agent.destroy(),
  };
}

async function send(request: HttpRequest, agent: Agent): Promise<HttpReply> {
  const url = new URL(request.url);
  const http = url.protocol === 'http:' ? await import('node:http') : await import('node:https');
  const { body, headers } = bodyAndHeaders(request);
  const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = http.request(url, { method: request.method, agent, headers }, resolve);
  outgoing.on('error', reject);
  outgoing.end(body);
  const read = async (): Promise<HttpReply> => {
    const response = await answered;
    const certificate = request.wantsCertificate === true ? certificateOf(response.socket) : {};
    const answer = { status: response.statusCode ?? 0, headers: response.headers, body: response };
    return { ...(await readAnswer(answer, request)), ...certificate };
  };
  return withinItsTime(request, (error) => outgoing.destroy(error), read());
}

/** The certificate that was shown; nothing where there is no TLS, or the session was resumed without one. */
export function certificateOf(socket: Socket): Pick<HttpReply, 'certificate'> {
  if (!('getPeerCertificate' in socket)) return {};
  const certificate = (socket as TLSSocket).getPeerCertificate();
  return certificate?.valid_to === undefined ? {} : { certificate };
}
