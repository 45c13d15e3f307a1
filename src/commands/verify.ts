import { type Advice, advice } from '../advice/advice.ts';
import { spellAdvice } from '../advice/spell.ts';
import type { CheckResult } from '../backup/checks/check-result.ts';
import { ExitCode } from '../errors/exit-code.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print } from '../output/print.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { listCommand } from '../store/advice.ts';
import type { LocatedBackup } from '../store/find/locate-backup.ts';
import { clusterVerdictOf, isSound } from '../verify/verdict.ts';
import { type Verification, verifyBackup, type WantedVerification } from '../verify/verify-backup.ts';
import { VERIFY_COLUMNS, verifyRows } from './verify-view.ts';

export interface VerifyOptions extends WantedVerification {
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
}

/**
 * `verify [RELEASE[@ID]]`: whether a backup is whole and would restore. Writes nothing but verified.json,
 * which says so where nothing is wrong with it.
 * @returns ok; failed where something is wrong with it; differs where it is sound and the cluster in use would not
 * take it; incomplete where the cluster could not be asked.
 */
export async function verify(options: VerifyOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const verification = await reading(context, 'Verifying the backup', 'nothing was changed', () =>
    verifyBackup(options, context),
  );
  const { located, results, verdict, noted } = verification;
  const opening = openingOf(results);
  if (options.output === 'name') io.out(located.qualifiedName);
  else {
    await print(
      io,
      {
        kind: 'VerifyReport',
        data: {
          backup: located.name,
          location: located.location,
          verdict,
          sound: isSound(results),
          cluster: clusterVerdictOf(results),
          noted,
          ...(opening === undefined ? {} : { opened: opening.status === 'ok' }),
          results,
        },
        rows: verifyRows(results, { each: options.output === 'wide' }),
        columns: VERIFY_COLUMNS,
        name: () => located.qualifiedName,
      },
      options,
    );
  }
  report(verification, context);
  return {
    ok: ExitCode.ok,
    failed: ExitCode.failed,
    refused: ExitCode.differs,
    incomplete: ExitCode.incomplete,
  }[verdict];
}

/** What came of it, for a person, on standard error. */
function report({ located, results, verdict }: Verification, { io, spelling }: CommandContext): void {
  const { name } = located;
  const count = (status: CheckResult['status']): number =>
    results.filter((result) => result.status === status).length;
  const left = count('unchecked') === 0 ? '' : `; ${count('unchecked')} could not be checked`;
  if (verdict === 'ok' && openingOf(results)?.status === 'unchecked') {
    io.say(
      io.style.yellow(
        `${name}: every byte is as it was saved; it is sealed, and what it holds was not checked.`,
      ),
    );
    io.say('Next: the same command with the key, --identity FILE, looks into it');
  } else if (verdict === 'ok')
    io.say(io.style.green(`${name} is sound: ${count('ok')} checks passed${left}.`));
  else if (verdict === 'incomplete') {
    io.say(io.style.yellow(`${name}: ${count('ok')} checks passed and none failed${left}.`));
    io.say('Next: the same command once the cluster answers, or with --offline');
  } else if (verdict === 'refused') {
    io.say(
      io.style.yellow(
        `${name} is sound: ${count('ok')} checks passed${left}. This cluster would not take all of it: ${count('failed')} ${count('failed') === 1 ? 'check' : 'checks'} failed.`,
      ),
    );
    io.say(
      'Next: mend that in the cluster (a kind that it does not serve needs its CustomResourceDefinition, or restore with --skip-kind); --offline checks the backup alone',
    );
  } else {
    io.say(io.style.red(`${name} is not sound: ${count('failed')} of ${results.length} checks failed.`));
    io.say(`Next: ${spellAdvice(useAnother(located), spelling)}`);
  }
}

/** What came of opening a sealed backup; undefined of one that is not sealed, or whose archive is damaged. */
function openingOf(results: readonly CheckResult[]): CheckResult | undefined {
  return results.find(({ check }) => check === 'opened');
}

/** A copy that lies somewhere has no neighbours that are known. */
function useAnother({ store, address }: LocatedBackup): Advice {
  if (store === undefined || address === undefined) return 'use another copy of it, or another backup';
  const list = listCommand(store, address.release, address.namespace);
  return advice`use another backup: ${list}`;
}
