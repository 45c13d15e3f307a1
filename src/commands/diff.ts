import type { RestoreSource } from '../backup/source.ts';
import { type Compared, compare } from '../diff/compare.ts';
import { differenceData } from '../diff/difference-data.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { Difference } from '../model/release/difference.ts';
import { differenceText } from '../output/difference-text.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print } from '../output/print.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';

export interface DiffOptions extends Compared {
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
}

/**
 * `diff [RELEASE[@ID]]`: what differs between a backup and the cluster, or another backup. Reads only; the
 * server is asked for dry runs so that its own defaults are no difference.
 * @returns ok where nothing differs, differs, or incomplete where nothing seems to and something could not be
 * read or asked.
 */
export async function diff(options: DiffOptions, context: CommandContext): Promise<ExitCode> {
  const { source, difference } = await reading(
    context,
    `Comparing ${options.backup ?? 'the release'}`,
    'nothing in the cluster was changed',
    () => compare(options, context),
  );
  report(difference, source, context);
  await printDifference(difference, source, options, context);
  return { same: ExitCode.ok, differs: ExitCode.differs, unproven: ExitCode.incomplete }[difference.verdict];
}

/** What a person should know beside the differences, on standard error. */
function report(difference: Difference, { document }: RestoreSource, { io }: CommandContext): void {
  const { verdict, helm, to, settings, unread } = difference;
  const name = `${document.release}@${document.id}`;
  for (const line of unread) io.warn(`not compared: ${line}`);
  for (const line of settings.unproven) io.warn(`its settings were not compared: ${line}`);
  if (helm?.changes.join() === 'revision') {
    io.say(
      `Helm is at revision ${helm.after?.revision}, which installs the same as revision ${helm.before?.revision} of the backup.`,
    );
  }
  if (verdict === 'same') io.say(`No differences between ${name} and ${to}.`);
  if (verdict === 'unproven') io.say(`No differences seen between ${name} and ${to}.`);
}

async function printDifference(
  difference: Difference,
  source: RestoreSource,
  { output, headers }: DiffOptions,
  { io }: CommandContext,
): Promise<void> {
  if (output === 'table' || output === 'wide') {
    io.outText(
      await differenceText(difference, io.outStyle, {
        wide: output === 'wide',
        headers,
        columns: io.outColumns,
      }),
    );
    return;
  }
  await print(
    io,
    {
      kind: 'DiffReport',
      data: differenceData(difference, source),
      rows: difference.objects,
      columns: [],
      name: ({ ref }) => displayName(ref),
    },
    { output, headers },
  );
}
