import { execFile } from 'node:child_process';

/** What Helm answered. */
export type HelmAnswer =
  | { outcome: 'rendered'; text: string }
  /** Helm ran and could not do it: its first line of complaint. */
  | { outcome: 'refused'; message: string }
  /** Helm could not be run, or did not end. */
  | { outcome: 'unable'; why: string };

const DEADLINE_MS = 60_000;
/** Far above the 1 MiB that a release's record may have, compressed. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

/** Runs Helm. @param helm its path, or its name on PATH. */
export function runHelm(helm: string, args: readonly string[], signal: AbortSignal): Promise<HelmAnswer> {
  return new Promise((resolve) => {
    const options = { signal, timeout: DEADLINE_MS, maxBuffer: MAX_OUTPUT_BYTES };
    execFile(helm, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ outcome: 'rendered', text: stdout });
      else if (typeof error.code === 'number') resolve({ outcome: 'refused', message: complaint(stderr) });
      else resolve({ outcome: 'unable', why: inability(helm, error) });
    });
  });
}

/** "Error: …" is the line that matters; warnings of kubeconfigs and plugins come before it. */
function complaint(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => line.startsWith('Error:')) ?? lines[0] ?? 'it said nothing').replace(
    /^Error: /,
    '',
  );
}

function inability(helm: string, error: Error & { code?: string | number | null; killed?: boolean }): string {
  if (error.code === 'ENOENT') {
    return helm === 'helm' ? 'there is no helm on PATH; HELM_BIN may name one' : `there is no ${helm}`;
  }
  if (error.killed === true) return `helm did not end within ${DEADLINE_MS / 1000} s`;
  return `helm can't be run: ${error.message}`;
}
