import { run } from './process.ts';

/**
 * What `__complete` prints. The cluster and the store have 1.5 s for their names, which a machine with much to do may take: where `awaited` is
 * not among them, they are asked for again, twice, as whoever types presses Tab again.
 */
export async function candidates(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  awaited: string,
): Promise<string> {
  let stdout = '';
  for (let more = 3; more > 0 && !stdout.includes(awaited); more--)
    ({ stdout } = await run(program, ['__complete', ...words], { env }));
  return stdout;
}
