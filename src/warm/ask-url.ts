import { setTimeout as sleep } from 'node:timers/promises';

/** How one URL is asked for. */
export interface AskOptions {
  headers: readonly [name: string, value: string][];
  /** For the whole of an answer, milliseconds. */
  timeoutMs: number;
  /** So many more times where that may help. */
  retries: number;
  signal: AbortSignal;
}

const MOST_REDIRECTS = 5;
const FIRST_PAUSE_MS = 250;

/**
 * GETs a URL and reads the answer to its end, which is thrown away. Redirects are followed on the same host alone: what a server
 * elsewhere answers warms no cache of ours, and the headers are not for it.
 * @returns undefined, or why it failed: a clause.
 */
export async function askUrl(url: string, options: AskOptions): Promise<string | undefined> {
  for (let attempt = 0; ; attempt++) {
    const { why, isWorthAnotherTry } = await attemptAt(url, options);
    if (why === undefined || !isWorthAnotherTry || attempt >= options.retries || options.signal.aborted)
      return why;
    await sleep(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal: options.signal }).catch(() => {});
  }
}

interface Attempt {
  why: string | undefined;
  isWorthAnotherTry: boolean;
}

async function attemptAt(first: string, { headers, timeoutMs, signal }: AskOptions): Promise<Attempt> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const failed = (why: string, isWorthAnotherTry = false): Attempt => ({ why, isWorthAnotherTry });
  let url = new URL(first);
  try {
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      const answer = await fetch(url, { headers: [...headers], redirect: 'manual', signal: limit });
      const { status } = answer;
      const location = answer.headers.get('location');
      await answer.body?.pipeTo(new WritableStream(), { signal: limit });
      if (status < 300 || status === 304) return { why: undefined, isWorthAnotherTry: false };
      if (status >= 400) return failed(`HTTP ${status}`, status >= 500 || status === 429 || status === 408);
      if (location === null || !URL.canParse(location, url))
        return failed(`HTTP ${status} without a place to go`);
      const next = new URL(location, url);
      if (next.host !== url.host) return failed(`it leads to another host: ${next.host}`);
      if (url.protocol === 'https:' && next.protocol !== 'https:')
        return failed('it leads from https to http');
      url = next;
    }
    return failed(`more than ${MOST_REDIRECTS} redirects`);
  } catch (error) {
    if (signal.aborted) return failed('interrupted');
    if (limit.aborted) return failed(`no whole answer within ${timeoutMs / 1000} s`, true);
    return failed(reasonOf(error), true);
  }
}

/** fetch says "fetch failed", and why in the cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
