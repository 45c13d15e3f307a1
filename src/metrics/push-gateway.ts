import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import { pushPath } from '../model/metrics/push-path.ts';
import { type MetricFamily, textFormat } from '../model/metrics/text-format.ts';
import { proxyEnvironment } from '../model/network/proxy-environment.ts';

/** Metrics of one group. */
export interface PushedGroup {
  /** Its grouping key beside `job`. */
  labels: Readonly<Record<string, string>>;
  families: readonly MetricFamily[];
  /** What else the group has goes (PUT); else it stays, as a success stamp does where a run that failed has none to send (POST). */
  isWhole: boolean;
}

/** Of an answer that says why something is refused. */
const LONGEST_REASON = 300;

/**
 * What --push-gateway names.
 * @throws UsageError where it is no URL of a Pushgateway, or holds credentials, which then are not repeated.
 */
export function pushGatewayUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw new UsageError('the URL of --push-gateway holds credentials; it is not shown here', {
      untouched: 'nothing was saved or changed',
      next: 'take them out of it and revoke them: they may stand in the history of your shell, and in the CronJob',
    });
  }
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  if (!isPlain) {
    throw new UsageError(
      '--push-gateway takes the URL of a Pushgateway, such as http://pushgateway.monitoring:9091',
      {
        untouched: 'nothing was saved or changed',
      },
    );
  }
  return url;
}

/**
 * Sends groups to a Pushgateway, one after the other (github.com/prometheus/pushgateway, README, "API").
 * @param url without credentials.
 * @param withinMs for all of them.
 * @param hurried once the signal is aborted, what is under way has only so long.
 * @throws ToolError where one was not taken; those after it were not sent.
 */
export async function pushGroups(
  url: URL,
  groups: readonly PushedGroup[],
  {
    withinMs,
    hurried,
    env,
  }: {
    withinMs: number;
    hurried?: { signal: AbortSignal; withinMs: number };
    env: NodeJS.ProcessEnv;
  },
): Promise<void> {
  const limit = new TimeLimit(withinMs);
  const { signal } = limit;
  const hurry = (): void => limit.set(hurried!.withinMs);
  hurried?.signal.addEventListener('abort', hurry, { once: true });
  if (hurried?.signal.aborted === true) hurry();
  const proxyEnv = proxyEnvironment(url.href, undefined, env);
  const options = { keepAlive: true, ...(proxyEnv === undefined ? {} : { proxyEnv }) };
  const agent = url.protocol === 'http:' ? new HttpAgent(options) : new HttpsAgent(options);
  try {
    for (const { labels, families, isWhole } of groups) {
      const way = { method: isWhole ? 'PUT' : 'POST', agent, signal };
      await send(addressOf(url, labels), textFormat(families), way);
    }
  } catch (error) {
    const why = signal.aborted ? `no answer within ${limit.ms / 1000} s` : (error as Error).message;
    throw new ToolError(`the Pushgateway at ${url.origin} did not take the metrics: ${why}`, {
      cause: error,
    });
  } finally {
    hurried?.signal.removeEventListener('abort', hurry);
    limit.end();
    agent.destroy();
  }
}

/** A time limit that can be set anew while it runs. */
class TimeLimit {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  ms = 0;

  constructor(ms: number) {
    this.set(ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  set(ms: number): void {
    clearTimeout(this.#timer);
    this.ms = ms;
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** A gateway may have a path in front of its own (--web.route-prefix). */
function addressOf(url: URL, labels: PushedGroup['labels']): URL {
  return new URL(`${url.pathname.replace(/\/+$/, '')}${pushPath(labels)}`, url);
}

interface Way {
  method: string;
  agent: HttpAgent;
  signal: AbortSignal;
}

/** @throws Error where there is no connection, the time is over, or the answer is not one of success. */
async function send(address: URL, body: string, { method, agent, signal }: Way): Promise<void> {
  const request = address.protocol === 'http:' ? httpRequest : httpsRequest;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  };
  const sent: ClientRequest = request(address, { method, headers, agent, signal }, resolve);
  sent.on('error', reject).end(body);
  const answer = await promise;
  const said = await startOf(answer);
  const { statusCode = 0 } = answer;
  if (statusCode >= 200 && statusCode < 300) return;
  const [reason = ''] = said.trim().split('\n');
  throw new Error(`HTTP ${statusCode}${reason === '' ? '' : `: ${reason}`}`);
}

/** The answer is read to its end, or to what a reason may take. */
async function startOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.length > LONGEST_REASON) break;
  }
  return text.slice(0, LONGEST_REASON);
}
