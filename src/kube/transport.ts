import type { IncomingHttpHeaders } from 'node:http';

/** Of a connection, milliseconds: below the minute after which load balancers drop idle ones without a word. */
export const LONGEST_IDLE_MS = 45_000;

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, with its query. */
  url: string;
  headers: Record<string, string | string[]>;
  body?: string;
  /** Bytes that an answer may have, decompressed. */
  maximum: number;
  /** Milliseconds until the whole answer must be here; undefined: no limit. */
  timeoutMs: number | undefined;
  /** Gives the request up. */
  signal?: AbortSignal;
  /** Also tell which certificate the server showed. */
  wantsCertificate?: boolean;
  /** Asked once a success (2xx) arrives: what takes its body piece by piece, in place of the reply's text. */
  onBody?: () => (bytes: Buffer) => void;
}

export interface HttpReply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The certificate that the server showed, where it was asked for; valid_to as OpenSSL writes it. */
  certificate?: { valid_to: string };
}

/** Sends one request and reads the whole answer. Rejects with Node's own errors, DeadlineError or BeyondLimit. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpReply>;
  close(): void;
}

/** The answer was not complete in time. */
export class DeadlineError extends Error {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** The request's signal was aborted before the answer was complete. */
export class GivenUpError extends Error {}

/**
 * What `work` comes to, unless the request's time is over first, or its signal aborted: then `stop` is told, once.
 * @throws DeadlineError; GivenUpError; what `work` throws.
 */
export async function withinItsTime<T>(
  { timeoutMs, signal }: HttpRequest,
  stop: (error: Error) => void,
  work: Promise<T>,
): Promise<T> {
  const { promise: end, reject } = Promise.withResolvers<never>();
  const giveUp = (error: Error): void => {
    reject(error);
    stop(error);
  };
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => giveUp(new DeadlineError(timeoutMs)), timeoutMs);
  const onAbort = (): void => giveUp(new GivenUpError());
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([end, work]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** What the request sends besides its own headers. */
export function bodyAndHeaders({ body, headers }: HttpRequest): {
  body: Buffer | undefined;
  headers: Record<string, string | string[] | number>;
} {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  return {
    body: bytes,
    headers: {
      ...headers,
      'Accept-Encoding': 'gzip',
      ...(bytes === undefined ? {} : { 'Content-Length': bytes.length }),
    },
  };
}
