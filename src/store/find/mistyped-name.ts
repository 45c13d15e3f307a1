import { tool } from '../../advice/command.ts';
import { suggest } from '../../advice/suggest.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { StoreName } from '../advice.ts';
import type { Store } from '../store.ts';

/**
 * Of a release that has no backup anywhere: whether one that is called almost the same has some in the namespace.
 * @param command the words of the command for the release that was meant: ["restore", "cart@healthy"].
 * @throws ToolError that asks whether that was meant, with the command; UnreachableError as Store.list does.
 */
export async function assertNotMistyped(
  store: Pick<Store, 'list'> & Pick<StoreName, 'flags'>,
  { release, namespace }: { release: string; namespace: string },
  { command, untouched }: { command: (release: string) => readonly string[]; untouched?: string },
): Promise<void> {
  const listed = await store.list({ namespace });
  const names = new Set(listed.map(({ address }) => address.release).filter((name) => name !== ''));
  const meant = suggest(release, [...names]);
  if (meant === undefined || meant === release) return;
  throw new ToolError(`there is no backup of ${release} (did you mean ${meant}?)`, {
    ...(untouched === undefined ? {} : { untouched }),
    next: tool(...command(meant), '-n', namespace, ...store.flags),
  });
}
