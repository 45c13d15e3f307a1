import { orUndefined } from '../errors/or-undefined.ts';
import type { CurrentScope } from '../store/find/locate-backup.ts';
import { clusterInUse } from './cluster-in-use.ts';
import type { CommandContext } from './context.ts';

/**
 * The namespace and the cluster in use, for commands that also work without a cluster: what can't be told is
 * undefined.
 */
export function currentScope(context: CommandContext): CurrentScope {
  return {
    namespace: () => orUndefined(async () => (await context.kube()).namespace),
    cluster: () => orUndefined(async () => clusterInUse(await context.kube(), context.store)),
    now: context.now,
    say: (line) => context.io.say(line),
  };
}
