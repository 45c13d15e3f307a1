import { applyRepair, tryRepair } from '../doctor/apply-repair.ts';
import { InterruptedError, ToolError, UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Finding, Repair } from '../model/finding.ts';
import { displayName } from '../model/object.ts';
import { repairLines } from '../output/repair-text.ts';
import { restartPods } from '../restore/restart.ts';
import type { CommandContext } from './context.ts';
import { type Attempt, type Fix, type LookAgain, lookUntilGone } from './look-again.ts';

export interface FixOptions {
  yes: boolean;
  /** For each restart, for the Jobs that are started, and for a finding to go away, milliseconds. */
  timeoutMs: number;
}

/**
 * Mends what can be mended: shows each change, tries it as a dry run, asks, carries it out, once for all findings
 * that it mends; then looks again until the findings are gone or time is up.
 * @param lookAgain everything that doctor finds now.
 * @returns what became of each.
 * @throws UsageError where there is no terminal to ask on and no --yes; then nothing was changed.
 * @throws InterruptedError after Ctrl-C, saying what was done, and what was not begun.
 */
export async function fixFindings(
  findings: readonly Finding[],
  options: FixOptions,
  lookAgain: LookAgain,
  context: CommandContext,
): Promise<Fix[]> {
  const { io } = context;
  const fixable = findings.flatMap(({ repair, ...finding }) =>
    repair === undefined ? [] : [{ ...finding, repair }],
  );
  if (fixable.length === 0) {
    io.say('Nothing here that doctor can fix by itself.');
    return [];
  }
  if (!options.yes && !io.interactive) {
    throw new UsageError('there is no terminal to ask on', {
      untouched: 'nothing in the cluster was changed',
      next: 'the same command with --yes',
    });
  }
  const kube = await context.kube();
  const attempts: Attempt[] = [];
  const repairs = [...Map.groupBy(fixable, ({ repair }) => JSON.stringify(repair.steps)).values()];
  for (const alike of repairs) {
    if (context.signal.aborted) break;
    const { repair } = alike[0]!;
    const result = await carryOut(kube, repair, options, context);
    for (const { code, object } of alike) {
      const fix: Fix = { code, ...(object === undefined ? {} : { object }), what: repair.what, ...result };
      attempts.push({ fix, repair });
    }
  }
  await lookUntilGone(attempts, options, lookAgain, kube, context);
  if (context.signal.aborted) {
    for (const { fix } of attempts.filter((each) => each.fix.outcome === 'failed')) report(fix, context);
    const begun = new Set(attempts.map(({ repair }) => repair));
    const left = fixable.filter(({ repair }) => !begun.has(repair)).map(({ repair }) => repair.what);
    throw new InterruptedError('interrupted', { untouched: whereThingsStand(attempts, left) });
  }
  for (const { fix } of attempts) report(fix, context);
  return attempts.map(({ fix }) => fix);
}

function report({ code, object, what, outcome, error }: Fix, { io }: CommandContext): void {
  const subject = object === undefined ? code : `${code} ${displayName(object)}`;
  if (outcome === 'failed') io.say(io.style.red(`${subject}: not fixed: ${what}: ${error}`));
  if (outcome === 'fixed-elsewhere')
    io.say(io.style.green(`${subject}: somebody else has fixed it meanwhile, doctor no longer finds it`));
  if (outcome === 'fixed') io.say(io.style.green(`${subject}: fixed, doctor no longer finds it`));
  if (outcome === 'remains') io.say(io.style.red(`${subject}: done, and doctor still finds it`));
  if (outcome === 'unknown')
    io.say(io.style.yellow(`${subject}: done, and whether it helped is not known: ${error}`));
}

async function carryOut(
  kube: KubeClient,
  repair: Repair,
  options: FixOptions,
  { io, signal }: CommandContext,
): Promise<Pick<Fix, 'outcome' | 'error'>> {
  try {
    await tryRepair(kube, repair);
    for (const line of repairLines(repair)) io.say(line);
    if (!options.yes && !(await io.confirm('Do this?'))) return { outcome: 'declined' };
    const progress = io.progress(repair.what);
    try {
      const onProgress = (line: string): void => progress.update(line);
      await applyRepair(kube, repair, async (ref, only) => {
        const { timeoutMs } = options;
        const unfinished = await restartPods(kube, ref, { timeoutMs, signal, onProgress, only });
        if (unfinished !== undefined)
          throw new ToolError([unfinished.message, ...unfinished.obstacles].join('; '));
      });
    } finally {
      progress.done();
    }
    return { outcome: 'unknown' };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { outcome: 'failed', error: error.message };
  }
}

/** After an interruption: what was done, and what was not; a restart may have been cut off between two pods. */
function whereThingsStand(attempts: readonly Attempt[], left: readonly string[]): string {
  const tried = attempts.filter(({ fix }) => fix.outcome !== 'failed' && fix.outcome !== 'declined');
  const restarts = tried.filter(({ repair }) => repair.steps.some(({ action }) => action === 'restart'));
  const done = tried.filter((attempt) => !restarts.includes(attempt));
  const parts = [
    ['done, and not looked at again', done.map(({ fix }) => fix.what)],
    ['begun, and maybe not done for every pod', restarts.map(({ fix }) => fix.what)],
    ['not begun', left],
  ] as const;
  const said = parts.flatMap(([how, whats]) =>
    whats.length === 0 ? [] : [`${how}: ${[...new Set(whats)].join(', ')}`],
  );
  return tried.length === 0 ? 'nothing in the cluster was changed' : said.join('; ');
}
