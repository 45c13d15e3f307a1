import { TOOL } from '../advice/command.ts';
import type { Spelling } from '../advice/spell.ts';
import type { ConnectionFlags } from '../kube/connection-flags.ts';
import { connectionFlagWords, helmFlagWords } from './connection-flags.ts';
import { startedByHelm } from './invocation.ts';

/** How commands that are advised are spelled for whoever called us so, with the connection that was given. */
export function spellingOf(env: NodeJS.ProcessEnv, connection: ConnectionFlags): Spelling {
  const words = connectionFlagWords(connection);
  return {
    tool: [startedByHelm(env) ? 'helm' : 'kubectl', TOOL],
    flags: { kubectl: words, helm: helmFlagWords(connection), [TOOL]: words },
  };
}
