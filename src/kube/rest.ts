import { setTimeout as pause } from 'node:timers/promises';
import { kubectl } from '../advice/command.ts';
import { UnreachableError } from '../errors/tool-error.ts';
import { isObject, type JsonObject, parseJson } from '../model/json/json.ts';
import { isTextTooDeep } from '../model/json/json-depth.ts';
import { scanJson } from '../model/json/json-scan.ts';
import { ANSWER_LIMITS, BeyondLimit, MAX_ANSWER, MAX_DEPTH } from '../model/json/limits.ts';
import { type ApiCall, ApiError } from './api-error.ts';
import type { CredentialsEnd } from './credentials-end.ts';
import type { Cutoff } from './cutoff.ts';
import { ListReading } from './list-reading.ts';
import { retryDelay } from './retry.ts';
import type { AuthenticatedSession, Sessions } from './session.ts';
import { TooLargeError } from './too-large.ts';
import { GivenUpError, type HttpReply, type HttpRequest } from './transport.ts';
import { unreachable } from './unreachable.ts';
import { warningsOf } from './warning-header.ts';

/** One call of the API: what goes over the wire, and how it is named when it fails. */
export interface RestCall {
  method: HttpRequest['method'];
  /** Absolute path with its query, percent-encoded. */
  path: string;
  body?: { contentType: string; text: string };
  /** What the answer is to be, where it is not just JSON. */
  accept?: string;
  call: ApiCall;
  /** A write by its method that leaves everything as it is: a dry run, a review. It may be sent again. */
  changesNothing?: boolean;
  /** False for a call whose 429 is an answer in itself. */
  retryTooManyRequests?: boolean;
  /** Told what the server warns of, beside everybody else. */
  onWarning?: ((text: string) => void) | undefined;
  /** Also tell which certificate the server showed. */
  wantsCertificate?: boolean;
  /** Bytes that the answer may have, where that is not what one object may. */
  maximum?: number;
  /** Takes the body of a success in place of the reply's text. */
  onBody?: HttpRequest['onBody'];
}

export interface RestOptions {
  server: string;
  contextName: string;
  userAgent: string;
  /** For one attempt; undefined: no limit. */
  timeoutMs: number | undefined;
  onWarning: (text: string) => void;
  /** What an interruption leaves of requests. */
  cutoff: Cutoff;
  /** Waits between attempts; tests replace it. */
  wait?: (ms: number) => Promise<unknown>;
}

/** Sends calls: authentication, deadlines, retries, warnings; turns refusals into errors. */
export class Rest {
  readonly #sessions: Sessions;
  readonly #options: RestOptions;
  readonly #warned = new Set<string>();

  constructor(sessions: Sessions, options: RestOptions) {
    this.#sessions = sessions;
    this.#options = options;
  }

  /** @throws ApiError where the server refuses, UnreachableError where there is no (JSON) answer. */
  async send(call: RestCall): Promise<JsonObject> {
    return this.#parseOne((await this.#answer(call)).text, call);
  }

  /**
   * A list, whose items are parsed one after the other while they arrive.
   * @param keep makes of each item, and its text, what is kept of it; the text lasts as long as the call.
   * @param most items that are kept; of further ones, one tells that they are there.
   * @returns the list without its items, what was kept of these, and how many bytes they have.
   * @throws as `send`.
   */
  async sendList<T>(
    call: RestCall,
    { keep, most }: { keep: (item: JsonObject, text: Buffer) => T; most: number },
  ): Promise<{ list: JsonObject; items: T[]; bytes: number }> {
    let reading = new ListReading((text) => keep(this.#parse(text.toString('utf8'), call.path), text), most);
    const onBody = () => {
      reading = reading.again();
      return (bytes: Buffer) => reading.add(bytes);
    };
    await this.#answer({ ...call, onBody });
    const list = this.#parse(reading.envelope, call.path);
    return { list, items: reading.items, bytes: reading.bytes };
  }

  /** For what is no JSON: a log. @throws as `send`. */
  async text(call: RestCall): Promise<string> {
    return (await this.#answer(call)).text;
  }

  /** The whole reply, with the certificate that the server showed. @throws as `send`. */
  async reply(call: RestCall): Promise<HttpReply & { json: JsonObject }> {
    const reply = await this.#answer({ ...call, wantsCertificate: true });
    return { ...reply, json: this.#parseOne(reply.text, call) };
  }

  /** Opens the connection ahead of the first call, which meets what goes wrong. */
  connect(): Promise<void> {
    return this.#sessions.connect();
  }

  async credentialsEnd(): Promise<CredentialsEnd | undefined> {
    return (await this.#sessions.current()).credentialsEnd();
  }

  /** A reply with a status of 2xx. */
  async #answer(call: RestCall): Promise<HttpReply> {
    let session = await this.#sessions.current();
    let reply = await this.#persist(call, session);
    if (reply.status === 401) {
      session = await this.#sessions.after(session);
      reply = await this.#persist(call, session);
    }
    this.#warn(reply, call);
    if (reply.status < 200 || reply.status > 299)
      throw ApiError.fromReply(reply.status, reply.text, call.call);
    return reply;
  }

  /** Any answer of this server came. */
  #wasUp = false;

  /** The outcome after as many attempts as retry.ts allows. */
  async #persist(call: RestCall, session: AuthenticatedSession): Promise<HttpReply> {
    const rules = {
      wasUp: this.#wasUp,
      read: call.method === 'GET' || call.changesNothing === true,
      tooManyRequests: call.retryTooManyRequests ?? true,
    };
    const wait = this.#options.wait ?? pause;
    const { cutoff } = this.#options;
    const what = `${call.call.verb} ${call.call.resource}${call.call.name === undefined ? '' : ` ${call.call.name}`}`;
    for (let attempt = 1; ; attempt++) {
      if (cutoff.signal.aborted) throw cutoff.instead(undefined, what, false);
      try {
        const reply = await session.transport.send(this.#request(call, session));
        this.#wasUp = true;
        const delay = retryDelay({ reply }, attempt, rules, Math.random());
        if (delay === undefined || cutoff.isLastAttempt) return reply;
        await wait(delay);
      } catch (error) {
        if (error instanceof GivenUpError) throw cutoff.instead(error, what, !rules.read);
        const delay = cutoff.isLastAttempt ? undefined : retryDelay({ error }, attempt, rules, Math.random());
        if (delay === undefined) throw unreachable({ ...this.#options, isRead: rules.read }, error);
        await wait(delay);
      }
    }
  }

  #request(call: RestCall, session: AuthenticatedSession): HttpRequest {
    return {
      method: call.method,
      url: this.#options.server + call.path,
      headers: {
        Accept: call.accept ?? 'application/json, */*',
        'User-Agent': this.#options.userAgent,
        ...(call.body === undefined ? {} : { 'Content-Type': call.body.contentType }),
        ...session.headers,
      },
      ...(call.body === undefined ? {} : { body: call.body.text }),
      timeoutMs: this.#options.timeoutMs,
      maximum: call.maximum ?? MAX_ANSWER,
      signal: this.#options.cutoff.signal,
      ...(call.wantsCertificate === true ? { wantsCertificate: true } : {}),
      ...(call.onBody === undefined ? {} : { onBody: call.onBody }),
    };
  }

  #warn(reply: HttpReply, { onWarning }: RestCall): void {
    for (const text of warningsOf(reply.headers.warning)) {
      onWarning?.(text);
      if (this.#warned.has(text)) continue;
      this.#warned.add(text);
      this.#options.onWarning(text);
    }
  }

  /** @throws as `#parse`; also where walking the object could overflow the stack, which the items of a list are looked at for as they arrive. */
  #parseOne(text: string, { path }: RestCall): JsonObject {
    if (isTextTooDeep(text)) throw this.#tooLarge(path, `it is nested more than ${MAX_DEPTH} deep`);
    return this.#parse(text, path);
  }

  /** @throws UnreachableError where it is no JSON object, TooLargeError where it is more than what is read of one. */
  #parse(text: string, path: string): JsonObject {
    try {
      // A value has a byte at least: a shorter text can't hold too many, and is not counted first.
      if (text.length > ANSWER_LIMITS.values) scanJson(Buffer.from(text), ANSWER_LIMITS);
      const parsed = parseJson(text);
      if (isObject(parsed)) return parsed;
    } catch (error) {
      if (error instanceof BeyondLimit) throw this.#tooLarge(path, error.message);
      // Said below; the parser's message would quote the answer.
    }
    throw new UnreachableError(
      `${this.#options.server}${path} did not answer with a JSON object: is this a Kubernetes API server?`,
      { next: kubectl('cluster-info') },
    );
  }

  #tooLarge(path: string, why: string): TooLargeError {
    return new TooLargeError(
      `what ${this.#options.server}${path} answers is more than what is read of an object: ${why}`,
    );
  }
}
