import { spellAdvice } from '../advice/spell.ts';
import { type CopiedBackup, copyBackups, type WantedCopy } from '../copies/copy-backups.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { qualifiedName } from '../model/records/backup-selector.ts';
import { DRY_RUN_ENDED } from '../output/dry-run.ts';
import { print } from '../output/print.ts';
import type { CommandContext, OutputFormat } from '../session/context.ts';

export interface CopyOptions extends WantedCopy {
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
}

/**
 * `copy RELEASE[@ID]… --to STORE`: copies backups to another store.
 * @returns ok; failed where one could not be copied; unreachable where a store could not be reached.
 */
export async function copy(options: CopyOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const copied = await copyBackups(options, context);
  const from = (await context.store()).location;
  await print(
    io,
    {
      kind: 'CopyReport',
      data: { from, to: options.to, dryRun: options.dryRun, items: copied.map(copyData) },
      rows: options.output === 'name' ? copied.filter(({ outcome }) => outcome === 'copied') : copied,
      columns: [
        { header: 'CLUSTER', cell: ({ address }) => address.cluster, wide: true },
        {
          header: 'NAMESPACE',
          cell: ({ address }) => address.namespace,
          wide: options.namespace !== undefined,
        },
        { header: 'RELEASE', cell: ({ address }) => address.release },
        { header: 'ID', cell: ({ address }) => address.id },
        { header: 'RESULT', cell: ({ outcome }) => outcome },
      ],
      name: ({ address }) => qualifiedName(address),
    },
    options,
  );
  const count = (outcome: CopiedBackup['outcome']): number =>
    copied.filter((each) => each.outcome === outcome).length;
  for (const { error } of copied) {
    if (error === undefined) continue;
    io.say(`error: ${error.message}`);
    if (error.next !== undefined) io.say(`Next: ${spellAdvice(error.next, context.spelling)}`);
  }
  const unsigned = copied.filter(({ lostSignature }) => lostSignature).length;
  if (unsigned > 0) {
    io.warn(
      `${unsigned} ${unsigned === 1 ? 'copy is' : 'copies are'} not signed, as the backup is that was sealed or opened on the way: what a signature covers has changed; --sign-key FILE signs copies`,
    );
  }
  const done = options.dryRun ? `Would copy ${count('would-copy')}` : `Copied ${count('copied')}`;
  io.say(`${done} of ${copied.length} backups to ${options.to}; ${count('there')} were there.`);
  if (options.dryRun) io.say(DRY_RUN_ENDED);
  const failed = copied.flatMap(({ error }) => error ?? []);
  if (failed.length === 0) return ExitCode.ok;
  return failed.some(({ exitCode }) => exitCode === ExitCode.unreachable)
    ? ExitCode.unreachable
    : ExitCode.failed;
}

function copyData({ address, outcome, location, lostSignature, error }: CopiedBackup): object {
  return {
    ...address,
    outcome,
    ...(location === undefined ? {} : { location }),
    ...(lostSignature === undefined ? {} : { lostSignature }),
    ...(error === undefined ? {} : { error: error.message }),
  };
}
