import type { Agent } from 'node:http';
import { waysTo } from './agent.ts';
import type { Connection } from './connection.ts';
import { readCredentials } from './credentials.ts';
import { type CredentialsEnd, credentialsEnd } from './credentials-end.ts';
import { http1Transport } from './http1-transport.ts';
import { NegotiatedTransport } from './negotiated-transport.ts';
import type { Transport } from './transport.ts';

/** An authenticated way to the server: good until the server says 401. */
export interface AuthenticatedSession {
  headers: Record<string, string | string[]>;
  /** For connections that are no requests: WebSockets. */
  agent: Agent;
  transport: Transport;
  /** Opens the connection of the first request, where there is no proxy. @returns when that has begun. */
  connect(): Promise<void>;
  /** Opens connections for so many of these, where there is no proxy to open them through. */
  connectAhead(count: number): Promise<void>;
  credentialsEnd(): CredentialsEnd | undefined;
}

/** Hands out the session, and a new one after a 401. */
export class Sessions {
  readonly #connection: Connection;
  readonly #env: NodeJS.ProcessEnv;
  #current: Promise<AuthenticatedSession> | undefined;
  #closed: AuthenticatedSession[] = [];

  constructor(connection: Connection, env: NodeJS.ProcessEnv) {
    this.#connection = connection;
    this.#env = env;
  }

  /** @throws ToolError where credentials can't be read. */
  current(): Promise<AuthenticatedSession> {
    this.#current ??= this.#open();
    return this.#current;
  }

  /**
   * Opens the connection of the first request ahead of it, where no program need be asked for credentials.
   * @returns when that has begun. @throws as `current`.
   */
  async connect(): Promise<void> {
    const { exec, authProvider } = this.#connection.user;
    if (exec === undefined && authProvider === undefined) await (await this.current()).connect();
  }

  /**
   * A session other than `refused`, with credentials read afresh. Requests that were refused together
   * share one.
   */
  async after(refused: AuthenticatedSession): Promise<AuthenticatedSession> {
    if ((await this.current()) === refused) {
      this.#closed.push(refused);
      this.#current = this.#open();
    }
    return this.current();
  }

  async close(): Promise<void> {
    const open = this.#current;
    this.#current = undefined;
    for (const session of this.#closed.splice(0)) session.transport.close();
    if (open !== undefined) (await open.catch(() => undefined))?.transport.close();
  }

  async #open(): Promise<AuthenticatedSession> {
    const credentials = await readCredentials(this.#connection);
    const { agent, direct } = await waysTo(this.#connection, credentials, this.#env);
    const negotiated =
      direct === undefined ? undefined : new NegotiatedTransport(this.#connection.server, direct, agent);
    return {
      headers: credentials.headers,
      agent,
      transport: negotiated ?? http1Transport(agent),
      connect: async () => negotiated?.connect(),
      connectAhead: async (count) => negotiated?.connectAhead(count),
      credentialsEnd: () => credentialsEnd(this.#connection, credentials),
    };
  }
}
