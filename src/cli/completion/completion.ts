import { closeSync, openSync, writeSync } from 'node:fs';
import { connectionFlags, NO_CONNECTION_FLAGS } from '../connection-flags.ts';
import { FlagValues } from '../flag-values.ts';
import { helmConnection } from '../helm-environment.ts';
import { startedByHelm } from '../invocation.ts';
import { answerText, NOTHING } from './candidate.ts';
import { answerAt } from './candidates.ts';
import { commandTable } from './command-table.ts';
import { type Cursor, cursorIn } from './cursor.ts';
import { openSources } from './sources.ts';

/**
 * Prints what may stand at the cursor, in the form that kubectl and Helm read (docs/completion.md). Nothing of it fails: whatever goes
 * wrong, there are no candidates. Nothing is ever written to standard error, which Helm 4 takes for candidates.
 * @param words before the cursor, and last the one that it is in.
 */
export async function complete(words: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  muteStandardError();
  print(await answerTo(words, env));
}

/** The same as text. Never throws. */
export async function answerTo(words: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const table = commandTable();
    const byHelm = startedByHelm(env);
    const cursor = cursorIn(words, table, byHelm);
    const sources = openSources({
      connection: connectionOf(cursor, env, byHelm),
      env,
      location: cursor.given.get('store')?.at(-1) || env.MEMCACHED_BACKUP_STORE || undefined,
      endpoint: cursor.given.get('s3-endpoint')?.at(-1) || undefined,
      cluster: cursor.given.get('cluster-name')?.at(-1) || undefined,
    });
    return answerText(await answerAt(cursor, table, sources, byHelm), cursor.typing.text);
  } catch {
    return answerText(NOTHING, '');
  }
}

function connectionOf({ given }: Cursor, env: NodeJS.ProcessEnv, byHelm: boolean) {
  const values = new FlagValues(new Map([...given].map(([name, each]) => [name, [...each]])), []);
  return connectionFlags(values, byHelm ? helmConnection(env) : NO_CONNECTION_FLAGS);
}

/** Also Node's own warnings, and what a program writes that is asked for credentials. */
function muteStandardError(): void {
  try {
    closeSync(2);
    // Takes the lowest number that is free.
    openSync(process.platform === 'win32' ? '\\\\.\\nul' : '/dev/null', 'w');
  } catch {
    // Then there is none to write to.
  }
}

function print(text: string): void {
  const bytes = Buffer.from(text);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(1, bytes, written);
  } catch {
    // Whoever asked is gone.
  }
}
