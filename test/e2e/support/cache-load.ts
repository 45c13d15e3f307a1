import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { goTool } from '../../cluster/build/go-tool.ts';
import { inNodeNetwork } from './in-node-network.ts';

/** What a load of requests met in a while. */
export interface LoadTick {
  /** At the end of it, since the load began. */
  seconds: number;
  hits: number;
  misses: number;
  /** Tries on a new connection, for the one before had ended. */
  retried: number;
  /** Requests that got no answer after all tries. */
  errors: number;
  /** What the last of them met. */
  error?: string;
}

export interface LoadOptions {
  /** HOST:PORT, as from the node. */
  server: string;
  /** Each key is read as often as another. */
  keys: number;
  /** Requests a second. */
  rate?: number;
  /** How often each client makes its connection anew: "1s". */
  reconnect?: string;
  /** "user password", of a server that was started with -Y. */
  login?: string;
}

/** A read-through application: it reads keys at a steady rate, and stores what it misses. Ends with its block. */
export interface CacheLoad extends AsyncDisposable {
  /** Half a second each. */
  ticks: LoadTick[];
  /** Until it has found what it asked for this often, in two seconds. */
  warm(hitRatio: number, timeoutMs?: number): Promise<void>;
  /** Ends it. @returns all of it. */
  end(): Promise<LoadTick>;
}

/** Written in Go with gomemcache (test/cluster/tools/cache-load), a client that shares no code with the tool. */
export async function cacheLoad({ server, keys, rate = 500, ...more }: LoadOptions): Promise<CacheLoad> {
  const program = await goTool('cache-load');
  const words = [program, '-server', server, '-keys', String(keys), '-rate', String(rate)];
  if (more.reconnect !== undefined) words.push('-reconnect', more.reconnect);
  const [command = '', ...args] = [...inNodeNetwork(), ...words];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CACHE_LOAD_LOGIN: more.login ?? '' },
  });
  const ended = once(child, 'close');
  const ticks: LoadTick[] = [];
  let total: LoadTick | undefined;
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const tick = JSON.parse(line) as LoadTick & { total?: boolean };
      if (tick.total === true) total = tick;
      else ticks.push(tick);
    }
  });
  const end = async (): Promise<LoadTick> => {
    child.kill('SIGINT');
    await ended;
    if (total === undefined) throw new Error(`the load ended early: ${JSON.stringify(ticks.at(-1))}`);
    return total;
  };
  return {
    ticks,
    end,
    warm: async (hitRatio, timeoutMs = 120_000) => {
      for (const until = Date.now() + timeoutMs; ; await sleep(250)) {
        if (ticks.length >= 4 && hitRatioOf(ticks.slice(-4)) >= hitRatio) return;
        const state = ticks.slice(-4).map((tick) => JSON.stringify(tick));
        if (Date.now() > until || child.exitCode !== null)
          throw new Error(`it is not warm: ${state.join(' ')}`);
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

export function hitRatioOf(ticks: readonly LoadTick[]): number {
  const sum = (of: 'hits' | 'misses'): number => ticks.reduce((all, tick) => all + tick[of], 0);
  return sum('hits') / Math.max(1, sum('hits') + sum('misses'));
}

/** The lowest hit ratio of any two seconds. */
export function lowestRatio(ticks: readonly LoadTick[]): number {
  return Math.min(...ticks.slice(3).map((_, at) => hitRatioOf(ticks.slice(at, at + 4))));
}
