import { InterruptedError, ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Finding, Repair } from '../model/findings/finding.ts';
import { displayName } from '../model/kubernetes/object.ts';
import { repairLines } from '../output/repair-text.ts';
import { targetInWords } from '../output/target-in-words.ts';
import { restartPods } from '../restore/pods/restart.ts';
import { assertCanAsk } from '../session/ask-first.ts';
import type { CommandContext } from '../session/context.ts';
import { showing } from '../session/under-way.ts';
import { applyRepair, type Restart, tryRepair } from './apply-repair.ts';
import { type Attempt, type Fix, type LookAgain, lookUntilMended } from './look-again.ts';
import { costOfRestarts } from './restart-cost.ts';
import { failureInWords, StoppedRepair } from './stopped-repair.ts';

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
  if (!options.yes) assertCanAsk(io, 'nothing in the cluster was changed');
  const kube = await context.kube();
  const attempts: Attempt[] = [];
  const repairs = [...Map.groupBy(fixable, ({ repair }) => JSON.stringify(repair.steps)).values()];
  const waiting = repairs.map((alike) => alike[0]!.repair);
  let inHand: Repair | undefined;
  const tell = (): string[] => [`Of the repairs, ${whereThingsStand(attempts, waiting, inHand)}.`];
  await context.lastWords.during(tell, async () => {
    for (const alike of repairs) {
      if (context.signal.aborted) break;
      const repair = waiting.shift()!;
      inHand = repair;
      const { left, ...result } = await carryOut(kube, repair, options, context);
      inHand = undefined;
      for (const { code, object } of alike) {
        const fix: Fix = { code, ...(object === undefined ? {} : { object }), what: repair.what, ...result };
        attempts.push({ fix, repair, ...(left === undefined ? {} : { left }) });
      }
    }
    await lookUntilMended(attempts, { timeoutMs: options.timeoutMs, lookAgain, kube }, context);
  });
  if (context.signal.aborted) {
    for (const { fix } of attempts.filter((each) => each.fix.outcome === 'failed')) report(fix, context);
    throw new InterruptedError('interrupted', { untouched: whereThingsStand(attempts, waiting) });
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
  { io, signal, spelling }: CommandContext,
): Promise<Pick<Fix, 'outcome' | 'error'> & Pick<Attempt, 'left'>> {
  try {
    await tryRepair(kube, repair);
    const emptying = await costOfRestarts(kube, repair);
    for (const line of repairLines(repair, emptying)) io.say(line);
    const target = targetInWords({ context: kube.contextName, server: kube.server });
    if (!options.yes && !(await io.confirm(`Do this in ${target}?`))) return { outcome: 'declined' };
    await showing(io, repair.what, async (onProgress) => {
      const restart: Restart = async (ref, only) => {
        const { timeoutMs } = options;
        const unfinished = await restartPods(kube, ref, { timeoutMs, signal, onProgress, only });
        if (unfinished !== undefined)
          throw new ToolError([unfinished.message, ...unfinished.obstacles].join('; '));
      };
      await applyRepair(kube, repair, { restart, signal });
    });
    return { outcome: 'unknown' };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const left = error instanceof StoppedRepair ? { left: error.left } : {};
    return { outcome: 'failed', error: failureInWords(error, spelling), ...left };
  }
}

/** After an interruption: what was done, and what was not; a restart may have been cut off between two pods. */
function whereThingsStand(
  attempts: readonly Attempt[],
  waiting: readonly Repair[],
  inHand?: Repair | undefined,
): string {
  const tried = attempts.filter(({ fix }) => fix.outcome !== 'failed' && fix.outcome !== 'declined');
  const restarts = tried.filter(({ repair }) => repair.steps.some(({ action }) => action === 'restart'));
  const done = tried.filter((attempt) => !restarts.includes(attempt));
  const stopped = attempts.flatMap(({ left }) => left ?? []);
  const open = inHand === undefined ? [] : [inHand.what];
  const parts = [
    ['stopped on its way', stopped],
    ['begun, and not known whether it was done', open],
    ['done, and not looked at again', done.map(({ fix }) => fix.what)],
    ['begun, and maybe not done for every pod', restarts.map(({ fix }) => fix.what)],
    ['not begun', waiting.map(({ what }) => what)],
  ] as const;
  const said = parts.flatMap(([how, whats]) =>
    whats.length === 0 ? [] : [`${how}: ${[...new Set(whats)].join(', ')}`],
  );
  const isNothing = tried.length + stopped.length + open.length === 0;
  return isNothing ? 'nothing in the cluster was changed' : said.join('; ');
}
