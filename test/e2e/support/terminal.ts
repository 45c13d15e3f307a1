import { expectCode, run } from './process.ts';

/**
 * Runs a program on a terminal of its own, 100 columns wide, by script(1) of util-linux.
 * @returns everything that the terminal was sent, control sequences included.
 * @throws Error where the program fails.
 */
export async function onTerminal(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const command = [program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const outcome = await run('script', ['-qec', `stty cols 100; exec ${command}`, '/dev/null'], {
    env: { ...env, TERM: 'xterm' },
  });
  return expectCode(outcome).stdout;
}
