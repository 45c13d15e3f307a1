import { writeFileSync } from 'node:fs';
import type { ExitCode } from '../errors/exit-code.ts';
import { endWord, type StoreFault } from '../model/schedule/run-end.ts';
import { oneLine, printable } from '../output/printable.ts';
import type { Ending } from '../session/ending.ts';

export const TERMINATION_LOG = 'termination-log';

/**
 * Bytes of the line at most. The kubelet keeps 4096 of a container's termination message, and 12 KiB of those of a pod
 * together (kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure); `kubectl describe` shows one line best.
 */
const MOST_BYTES = 1024;

/** How a run ended. */
export interface End {
  exitCode: ExitCode;
  /** In words, of what broke it off; undefined where it came to its own end. */
  cause?: string;
  /** Where the store was the cause. */
  store?: StoreFault;
}

/**
 * The file of `--termination-log`, which takes one line that says how a run ended: what a pod's `terminationMessagePath`
 * shows in `kubectl describe pod`.
 */
export class TerminationLog {
  readonly #file: string;
  readonly #ending: Ending;

  constructor(file: string, ending: Ending) {
    this.#file = file;
    this.#ending = ending;
  }

  /** @param masked takes secrets out of a text. @throws Error where the file can't be written. */
  write(end: End, masked: (text: string) => string): void {
    // In place: in a pod it is a file that the kubelet mounted.
    writeFileSync(this.#file, `${lastLine(end, this.#ending.text, masked)}\n`);
  }
}

/**
 * The file that a command line names. It is looked for before the line is understood, so that a wrong one is told there too;
 * undefined where none is named, and of commands that don't have the flag.
 */
export function terminationLogIn(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  if (!words.includes('backup')) return undefined;
  const flag = `--${TERMINATION_LOG}`;
  const named = words.map((word, at) =>
    word === flag ? words[at + 1] : word.startsWith(`${flag}=`) ? word.slice(flag.length + 1) : undefined,
  );
  return named.findLast((file) => file !== undefined && file !== '');
}

/**
 * One line of at most a KiB, without the newline at its end: "failed (store is full): saved 2 of 3 releases, 12KiB, in 2.1 s; …".
 * @param told what the command says of itself; the cause is added where that does not hold it.
 */
export function lastLine(
  { exitCode, cause = '', store }: End,
  told: string | undefined,
  masked: (text: string) => string,
): string {
  const story = [told, told?.includes(cause) ? '' : cause].filter(isSaid).join('; ');
  // Masked first: a secret of several lines is known as it is.
  const line = masked([endWord(exitCode, store), story].filter(isSaid).join(': ')).replaceAll(/\s+/g, ' ');
  return cutTo(oneLine(printable(line)), MOST_BYTES);
}

function isSaid(part: string | undefined): boolean {
  return part !== undefined && part !== '';
}

/** Never in the middle of a character. */
function cutTo(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const ellipsis = '…';
  const room = bytes - Buffer.byteLength(ellipsis);
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(room));
  return `${text.slice(0, read)}${ellipsis}`;
}
