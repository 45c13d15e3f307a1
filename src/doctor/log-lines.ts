import { hideSecretsInText } from '../model/secrets/hide-secrets-in-text.ts';

/** Longest line that is shown, in characters. */
const WIDTH = 300;

/** The last lines of a log that say something, with what looks like a secret masked. */
export function lastLines(log: string, count: number): string[] {
  return log
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count)
    .map((line) => hideSecretsInText(line).slice(0, WIDTH));
}
