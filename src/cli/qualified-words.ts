import { existsSync } from 'node:fs';
import { UsageError } from '../errors/tool-error.ts';
import type { ConnectionFlags } from '../kube/connection-flags.ts';
import { splitNamespace } from '../model/records/backup-selector.ts';
import type { CommandSpec } from './command-spec.ts';
import type { FlagValues } from './flag-values.ts';

/** What a command is run with. */
export interface Meant {
  words: string[];
  connection: ConnectionFlags;
}

/**
 * Takes NAMESPACE/RELEASE[@ID], as `-o name` prints it, for RELEASE[@ID] with `-n NAMESPACE`: what is printed can be piped back.
 * A path that is there stays a path, and so do names of several namespaces where the command goes by each name (`copy`).
 * @throws UsageError where that is not the namespace of -n, or where there are several.
 */
export function withNamespaceOf(
  command: CommandSpec,
  values: FlagValues,
  { words, connection }: Meant,
): Meant {
  const named = words.map((word, index) => {
    const argument = command.arguments[Math.min(index, command.arguments.length - 1)] ?? '';
    const isRelease = argument.includes('RELEASE') && !existsSync(word);
    return isRelease ? splitNamespace(word) : { name: word };
  });
  const namespaces = [...new Set(named.flatMap(({ namespace }) => namespace ?? []))];
  const [namespace, other] = namespaces;
  if (namespace === undefined) return { words, connection };
  const isEach = command.arguments.some((argument) => /RELEASE\[@ID\].*\.\.\./.test(argument));
  const given = values.text('namespace');
  if (given !== undefined && namespaces.some((each) => each !== given)) {
    throw new UsageError(`${words.join(' ')} is of namespace ${namespaces.join(', ')}, not of ${given}`, {
      next: `without -n ${given}`,
    });
  }
  if (isEach) return { words, connection };
  if (other !== undefined || named.some((each) => each.namespace === undefined && each.name.includes('@'))) {
    throw new UsageError(`${command.name} works in one namespace, not in ${namespaces.join(' and ')}`, {
      next: 'one command a namespace: xargs -n 1',
    });
  }
  return { words: named.map(({ name }) => name), connection: { ...connection, namespace } };
}
