import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import type { CheckResult } from '../../../src/backup/checks/check-result.ts';
import { type VerifyOptions, verify } from '../../../src/commands/verify.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { parseDocumented } from '../../support/documented-output.ts';

export interface Verified {
  code: number;
  io: MemoryIO;
  results: CheckResult[];
  /** "what: why" of each failed check. */
  failures: string[];
}

/** `verify BACKUP --offline --skip-render -o json`, in this process. @param backup a path, or a name in `store`. */
export async function verifyOffline(
  backup: string | undefined,
  options: Partial<VerifyOptions> & { store?: string } = {},
): Promise<Verified> {
  const { store = '/nowhere', ...rest } = options;
  const io = createMemoryIO();
  const context: CommandContext = {
    io,
    kube: () => Promise.reject(new Error('no cluster is needed')),
    store: () => openStore(store),
    stateFolder: async () => undefined,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
  const code = await verify(
    {
      offline: true,
      helm: undefined,
      output: 'json',
      headers: true,
      ...(backup === undefined ? {} : { backup }),
      ...rest,
    },
    context,
  );
  const { results } =
    (rest.output ?? 'json') === 'json' ? (parseDocumented(io.stdout) as Verified) : { results: [] };
  const failures = results.flatMap((result) =>
    result.status === 'failed' ? [`${result.what}: ${result.why}`] : [],
  );
  return { code, io, results, failures };
}
