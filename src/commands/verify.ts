import { checkContent } from '../backup/checks/check-content.ts';
import { type CheckResult, failed, unchecked } from '../backup/checks/check-result.ts';
import { secretsOfSource } from '../backup/release-secrets.ts';
import { readSource } from '../backup/source.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print } from '../output/print.ts';
import type { CommandContext } from '../session/context.ts';
import { whereWeAre } from '../session/where-we-are.ts';
import { DamagedBackup } from '../store/damage.ts';
import { type LocatedBackup, locateBackup } from '../store/locate-backup.ts';
import type { BackupReader } from '../store/store.ts';
import { checkRender } from '../verify/check-render.ts';
import { clusterVerdictOf, isSound, passedAndUnchecked, type Verdict, verdictOf } from '../verify/verdict.ts';
import { checkAgainstCluster } from '../verify/verify-cluster.ts';
import { VERIFY_COLUMNS, verifyRows } from './verify-view.ts';

export interface VerifyOptions {
  /** RELEASE[@ID] or a path; the store's only release where undefined. */
  backup?: string;
  /** -n: only backups of this namespace. */
  namespace?: string;
  /** Ask no cluster. */
  offline: boolean;
  /** Helm's path, or its name on PATH; undefined: render nothing. */
  helm: string | undefined;
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

interface Verification {
  located: LocatedBackup;
  results: CheckResult[];
  verdict: Verdict;
  /** Whether verified.json says so now. */
  noted: boolean;
}

/**
 * `verify [RELEASE[@ID]]`: whether a backup is whole and would restore. Writes nothing but verified.json,
 * which says so where nothing is wrong with it.
 * @returns ok; failed where something is wrong with it; differs where it is sound and the cluster in use would not
 * take it; incomplete where the cluster could not be asked.
 */
export async function verify(options: VerifyOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const progress = io.progress('Verifying the backup');
  const verification = await interruptible(
    run(options, context),
    context.signal,
    'nothing was changed',
  ).finally(() => progress.done());
  const { located, results, verdict, noted } = verification;
  if (options.output === 'name') io.out(located.name);
  else {
    await print(
      io,
      {
        data: {
          backup: located.name,
          location: located.location,
          verdict,
          sound: isSound(results),
          cluster: clusterVerdictOf(results),
          noted,
          results,
        },
        rows: verifyRows(results, { each: options.output === 'wide' }),
        columns: VERIFY_COLUMNS,
        name: () => located.name,
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

async function run(options: VerifyOptions, context: CommandContext): Promise<Verification> {
  const { backup: name, namespace, clusterName } = options;
  const here = whereWeAre(context);
  const located = await locateBackup(context.store, { name, namespace, clusterName, here, damagedToo: true });
  const reader = await open(located);
  const results = reader instanceof DamagedBackup ? [failed('document', 'backup.json', reader.damage)] : [];
  if (!(reader instanceof DamagedBackup)) results.push(...(await checkAll(reader, options, context)));
  const verdict = verdictOf(results);
  const noted = !(reader instanceof DamagedBackup) && (await note(reader, results, verdict, context));
  return { located, results, verdict, noted };
}

/** A damage is what `verify` is there to find; everything else ends it. */
async function open(located: LocatedBackup): Promise<BackupReader | DamagedBackup> {
  try {
    return await located.open();
  } catch (error) {
    if (error instanceof DamagedBackup) return error;
    throw error;
  }
}

async function checkAll(
  reader: BackupReader,
  { offline, helm }: VerifyOptions,
  context: CommandContext,
): Promise<CheckResult[]> {
  const content = await checkContent(reader, context.version);
  if (verdictOf(content) === 'failed') return content;
  const source = await readSource(reader);
  context.io.mask(secretsOfSource(source));
  const [cluster, render] = await Promise.all([
    offline
      ? (['kinds', 'dry-run'] as const).map((check) => unchecked(check, 'the cluster', '--offline'))
      : checkAgainstCluster(source, context),
    helm === undefined
      ? [unchecked('render', 'the chart', '--skip-render')]
      : checkRender(reader, source.history, helm, context.signal),
  ]);
  return [...content, ...cluster, ...render];
}

/** What an earlier verification noted is not true any more once one has failed. */
async function note(
  reader: BackupReader,
  results: CheckResult[],
  verdict: Verdict,
  context: CommandContext,
): Promise<boolean> {
  const success = {
    at: context.now().toISOString(),
    tool: { name: 'memcached-backup', version: context.version } as const,
    ...passedAndUnchecked(results),
  };
  try {
    await reader.noteVerification(verdict === 'failed' ? undefined : success);
    return verdict !== 'failed';
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    context.io.warn(`the outcome can't be noted beside the backup: ${error.message}`);
    return false;
  }
}

/** What came of it, for a person, on standard error. */
function report({ located, results, verdict }: Verification, { io, invocation }: CommandContext): void {
  const { name } = located;
  const count = (status: CheckResult['status']): number =>
    results.filter((result) => result.status === status).length;
  const left = count('unchecked') === 0 ? '' : `; ${count('unchecked')} could not be checked`;
  if (verdict === 'ok') io.say(io.style.green(`${name} is sound: ${count('ok')} checks passed${left}.`));
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
    io.say(`Next: use another backup: ${invocation} list -A`);
  }
}
