import type { HelpPage } from './help-page.ts';
import { helpPages } from './help-pages.ts';

/**
 * The help page of a command or a group of commands; "" is the program's own. In the executable another module is in this one's place
 * (scripts/build/finished-help.ts): loading every command takes longer than the rest of `--help`.
 */
export function helpPageOf(name: string): HelpPage | undefined {
  return helpPages().get(name);
}
