import type { ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const STARTS_MS = 20_000;

/** Waits for a server that was just started. @throws Error with what it wrote to stderr, and ends it, where it does not listen. */
export async function untilListening(child: ChildProcess, port: number): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const end = Date.now() + STARTS_MS;
  while (Date.now() < end && child.exitCode === null) {
    if (await answers(port)) return;
    await sleep(20);
  }
  child.kill('SIGKILL');
  throw new Error(`${child.spawnfile} does not listen: ${said}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
