import { MASK } from '../model/hide-secrets.ts';

/** Longest line that is shown, in characters. */
const WIDTH = 300;
/** "password=x", "Authorization: Bearer x", "--token x": a Secret that may not be read can't be masked by its value. */
const SECRET_LOOKING =
  /((?:password|passwd|pwd|token|secret|credential|authorization|api[-_]?key|access[-_]?key)["']?\s*[=:]\s*|--(?:password|token|secret)[= ])(?:(?:bearer|basic)\s+)?\S+/gi;

/** The last lines of a log that say something, with what looks like a secret masked. */
export function lastLines(log: string, count: number): string[] {
  return log
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count)
    .map((line) => line.slice(0, WIDTH).replaceAll(SECRET_LOOKING, `$1${MASK}`));
}
