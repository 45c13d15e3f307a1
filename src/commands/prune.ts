import { spellAdvice } from '../advice/spell.ts';
import type { ExitCode } from '../errors/exit-code.ts';
import { qualifiedName } from '../model/records/backup-selector.ts';
import { sizeInWords } from '../output/byte-size.ts';
import { DRY_RUN_ENDED } from '../output/dry-run.ts';
import { print } from '../output/print.ts';
import { formatTable } from '../output/table.ts';
import {
  exitCodeOf,
  type Pruned,
  type PrunedBackup,
  prune as pruneStore,
  type WantedPrune,
} from '../prune/prune.ts';
import type { CommandContext, OutputFormat } from '../session/context.ts';
import { bytesOf, pruneColumns, pruneData } from './prune-view.ts';

export interface PruneOptions extends WantedPrune {
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
}

/**
 * `prune [RELEASE…]`: shows which backups stay, which go and why, asks, and takes away those that go.
 * @returns ok; failed where one could not be removed; unreachable where the cluster could not be asked which releases it
 * still has, so that nothing was removed.
 */
export async function prune(options: PruneOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const isTable = options.output === 'table' || options.output === 'wide';
  const show = async (planned: readonly PrunedBackup[]): Promise<void> => {
    if (planned.length === 0)
      io.say(`No backups to look at in the store ${(await context.store()).location}.`);
    if (isTable) return printAll({ backups: [...planned], journals: 0 }, options, context);
    // Who is asked sees what about; the result goes to standard output.
    if (options.yes || options.dryRun) return;
    for (const line of formatTable(planned, pruneColumns(planned, context.now(), options.allNamespaces), {
      wide: false,
      headers: true,
      columns: io.columns,
    }).split('\n'))
      if (line !== '') io.say(line);
  };
  const pruned = await pruneStore(options, show, context);
  if (!isTable) await printAll(pruned, options, context);
  report(pruned, context);
  if (options.dryRun) context.io.say(DRY_RUN_ENDED);
  return exitCodeOf(pruned);
}

async function printAll(pruned: Pruned, options: PruneOptions, context: CommandContext): Promise<void> {
  const { backups, journals } = pruned;
  const store = await context.store();
  const going = backups.filter(({ keep }) => !keep);
  await print(
    context.io,
    {
      kind: 'PruneReport',
      data: {
        store: store.location,
        dryRun: options.dryRun,
        items: backups.map(pruneData),
        freedBytes: freed(backups),
        journalsRemoved: journals,
      },
      rows: options.output === 'name' ? going : backups,
      columns: pruneColumns(backups, context.now(), options.allNamespaces),
      name: ({ holding }) => qualifiedName(holding.backup.address),
    },
    options,
  );
}

/** What was freed, or would be. */
function freed(backups: readonly PrunedBackup[]): number {
  const gone = backups.filter(({ outcome }) => outcome === 'removed' || outcome === 'would-remove');
  return gone.reduce((sum, backup) => sum + bytesOf(backup), 0);
}

function report({ backups, journals, unasked }: Pruned, { io, spelling }: CommandContext): void {
  const count = (outcome: PrunedBackup['outcome']): number =>
    backups.filter((backup) => backup.outcome === outcome).length;
  for (const { error } of backups) {
    if (error === undefined) continue;
    io.say(`error: ${error.message}`);
    if (error.next !== undefined) io.say(`Next: ${spellAdvice(error.next, spelling)}`);
  }
  if (unasked !== undefined) {
    io.warn(
      `every release is taken for gone, and its backups stay: the cluster could not be asked: ${unasked}`,
    );
    io.say('Next: the same command where the cluster answers, or with --include-gone --cluster-name NAME');
  }
  const size = sizeInWords(freed(backups));
  if (count('would-remove') > 0) {
    io.say(`${count('would-remove')} of ${backups.length} backups would be removed (${size}).`);
  } else if (count('removed') > 0 || journals > 0) {
    const also = journals === 0 ? '' : `, and ${journals} journals of restores that ended`;
    io.say(`Removed ${count('removed')} of ${backups.length} backups (${size})${also}.`);
  } else if (backups.length > 0 && count('failed') === 0) io.say('Nothing to remove.');
}
