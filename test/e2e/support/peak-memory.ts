import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Between two looks at /proc, milliseconds. */
const INTERVAL = 25;

/** It is killed after this, milliseconds: no test may hang. */
const TIMEOUT = 120_000;

/** Runs a program to its end and watches its own memory (RssAnon of proc(5); files mapped in don't count). */
export async function peakMemory(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  expected = 0,
): Promise<{ mib: number; ms: number }> {
  const started = performance.now();
  const killed = { timeout: TIMEOUT, killSignal: 'SIGKILL' } as const;
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'], ...killed });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const ended = once(child, 'close') as Promise<[number | null]>;
  let peak = 0;
  let running = true;
  const watching = (async () => {
    while (running) {
      peak = Math.max(peak, residentKib(child.pid!));
      await sleep(INTERVAL);
    }
  })();
  const [code] = await ended;
  running = false;
  await watching;
  if (code !== expected) throw new Error(`${program} ended with ${code}: ${Buffer.concat(errors)}`);
  if (peak === 0) throw new Error(`no look at ${program} while it ran`);
  return { mib: peak / 1024, ms: performance.now() - started };
}

/** 0 where the process has ended. */
function residentKib(pid: number): number {
  try {
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
