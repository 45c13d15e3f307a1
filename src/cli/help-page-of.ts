import { USUAL_COLUMNS } from '../output/wrap.ts';
import { layOut } from './help-layout.ts';
import type { HelpPage } from './help-page.ts';
import { helpPages } from './help-pages.ts';

// In the executable another module is in this one's place (scripts/build/finished-help.ts): loading every command takes longer than the rest
// of `--help`.

/** The help page of a command or a group of commands; "" is the program's own. */
export function helpPageOf(name: string): HelpPage | undefined {
  return helpPages().get(name);
}

/** The text of that page as `kubectl memcached-backup` shows it on a terminal of the usual width. */
export function usualHelpOf(name: string): string | undefined {
  const page = helpPageOf(name);
  return page === undefined ? undefined : layOut(page, USUAL_COLUMNS);
}
