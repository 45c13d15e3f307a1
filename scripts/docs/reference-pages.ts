import type { CommandSpec } from '../../src/cli/command-spec.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { COMMON_EXIT_CODES } from '../../src/cli/common-exit-codes.ts';
import { STORE } from '../../src/cli/common-flags.ts';
import type { Flag } from '../../src/cli/flag.ts';
import { rowOf, sharedSections } from '../../src/cli/help.ts';
import type { HelpPage } from '../../src/cli/help-page.ts';
import { helpPages } from '../../src/cli/help-pages.ts';
import { WHICH_STORE } from '../../src/cli/shared-flags.ts';
import { ExitCode } from '../../src/errors/exit-code.ts';

/** Codes that mean something of a command only where it says what. */
const OF_SOME: readonly number[] = [ExitCode.differs, ExitCode.incomplete];

/**
 * What the documentation says of each command, group and of the program ("" and "options"): its page of help, with what help leaves to
 * `options` for want of lines: the flags that commands share, and every exit code.
 */
export function referencePages(): ReadonlyMap<string, HelpPage> {
  const pages = [...helpPages()].map(([name, page]): [string, HelpPage] => {
    const command = COMMANDS.find((each) => each.name === name && each.isPage !== true);
    return [name, command === undefined ? page : whole(command, page)];
  });
  return new Map(pages);
}

function whole(command: CommandSpec, page: HelpPage): HelpPage {
  const { more: _, ...rest } = page;
  const meanings = new Map(command.flags.map((flag) => [rowOf(flag)[0], meaningOf(flag)]));
  const sections = [...page.sections, ...sharedSections(command.flags)];
  return {
    ...rest,
    sections: sections.map(({ title, rows }) => ({
      title,
      rows: rows.map(([words, meaning]) => [words, meanings.get(words) ?? meaning]),
    })),
    exitCodes: exitCodesOf(command),
  };
}

/** In full: of --store, and of values that everybody knows from kubectl, help says less than there is. */
function meaningOf(flag: Flag): string {
  const { choices = [], bare, describe } = flag.describe === STORE.describe ? WHICH_STORE : flag;
  if (choices.length === 0 || choices.some((choice) => describe.includes(choice))) return describe;
  const alone = bare === undefined ? '' : `; alone: ${bare}`;
  return `${describe} (${choices.join(', ')}${alone})`;
}

function exitCodesOf({ exitCodes = {}, needsNoCluster }: CommandSpec): [number, string][] {
  const unheard = needsNoCluster === true ? [...OF_SOME, ExitCode.unreachable] : OF_SOME;
  const common = Object.entries(COMMON_EXIT_CODES).filter(([code]) => !unheard.includes(Number(code)));
  const all = { ...Object.fromEntries(common), ...exitCodes };
  return Object.entries(all).map(([code, meaning]) => [Number(code), meaning]);
}
