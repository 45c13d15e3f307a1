import { spawn } from 'node:child_process';
import { untilListening } from '../s3/until-listening.ts';

/** A server that a test started. */
export interface StartedServer extends AsyncDisposable {
  url: string;
}

/** Starts a program that listens on a port of 127.0.0.1. @param atEnd after it ended. */
export async function startedServer(
  program: string,
  args: readonly string[],
  { port, atEnd = () => {} }: { port: number; atEnd?: () => void },
): Promise<StartedServer> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    await untilListening(child, port);
  } catch (error) {
    atEnd();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      atEnd();
    },
  };
}
