/** Where progress goes: one call a line. */
export type Report = (line: string) => void;

/**
 * Runs one step and says so: a line at its start, one every `everySeconds` while it runs (a build without a sign
 * of life for minutes looks hung, and some CI systems kill it), and one with the time at its end.
 */
export async function reportStep<T>(
  report: Report,
  title: string,
  work: () => Promise<T>,
  everySeconds = 15,
): Promise<T> {
  const start = performance.now();
  const elapsed = () => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  report(`${title} …`);
  const heartbeat = setInterval(() => report(`${title} … ${elapsed()}`), everySeconds * 1000);
  try {
    const result = await work();
    report(`${title}: done in ${elapsed()}`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}
