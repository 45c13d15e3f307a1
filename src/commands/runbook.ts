import { ExitCode } from '../errors/exit-code.ts';
import { printable } from '../output/printable.ts';
import { readRunbookFacts, type WantedRunbook } from '../runbook/read-runbook-facts.ts';
import { runbookText } from '../runbook/runbook-text.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { assertNotThere, writeFileWhole } from '../store/whole-file.ts';

export interface RunbookOptions extends WantedRunbook {
  /** Write over a file that is there. */
  force: boolean;
}

/**
 * `runbook [RELEASE…]`: the team's runbook as Markdown, on standard output or in a file. Reads only.
 * @throws UsageError where the file is there, unless `force`.
 */
export async function runbook(options: RunbookOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const { file, force } = options;
  if (file !== undefined && !force) await assertNotThere(file);
  const facts = await reading(context, 'Looking', 'no runbook was written', () =>
    readRunbookFacts(options, context),
  );
  const text = runbookText(facts);
  if (file === undefined) io.outText(text);
  else {
    await writeFileWhole(file, Buffer.from(printable(io.masked(text))), { force });
    io.say(`Written ${file}.`);
  }
  const missing = facts.checklist.filter(({ state }) => state !== 'ticked').length;
  if (missing > 0)
    io.say(
      `${missing} of ${facts.checklist.length} boxes of the checklist are not ticked; the runbook says which, and why.`,
    );
  return ExitCode.ok;
}
