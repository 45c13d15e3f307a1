import { setTimeout as sleep } from 'node:timers/promises';
import { applyRepair, tryRepair } from '../doctor/apply-repair.ts';
import { InterruptedError, ToolError, UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Finding } from '../model/finding.ts';
import { displayName, keyOf, type ObjectRef } from '../model/object.ts';
import { repairLines } from '../output/repair-text.ts';
import { restartPods } from '../restore/restart.ts';
import type { CommandContext } from './context.ts';

/** What became of one finding that could be fixed. */
export interface Fix {
  code: string;
  object?: ObjectRef;
  what: string;
  outcome: 'fixed' | 'remains' | 'failed' | 'declined';
  /** Why it failed. */
  error?: string;
}

export interface FixOptions {
  yes: boolean;
  /** For each restart, and for a finding to go away, milliseconds. */
  timeoutMs: number;
}

/** Between two looks whether the findings are gone, milliseconds. */
const INTERVAL_MS = 2_000;

/**
 * Mends what can be mended: shows each change, tries it as a dry run, asks, carries it out; then looks again
 * until the findings are gone or time is up.
 * @param lookAgain everything that doctor finds now; undefined where the API server gave no answer.
 * @returns what became of each.
 * @throws UsageError where there is no terminal to ask on and no --yes; then nothing was changed.
 */
export async function fixFindings(
  findings: readonly Finding[],
  options: FixOptions,
  lookAgain: () => Promise<Finding[] | undefined>,
  context: CommandContext,
): Promise<Fix[]> {
  const { io } = context;
  const fixable = findings.filter(({ repair }) => repair !== undefined);
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
  const fixes: Fix[] = [];
  for (const finding of fixable) {
    if (context.signal.aborted) throw new InterruptedError('interrupted', { untouched: doneSoFar(fixes) });
    fixes.push(await fixOne(kube, finding, options, context));
  }
  await untilGone(fixes, options, lookAgain, context);
  for (const { code, object, outcome } of fixes.filter(({ outcome }) => outcome !== 'declined')) {
    const subject = object === undefined ? code : `${code} ${displayName(object)}`;
    if (outcome === 'fixed') io.say(io.style.green(`${subject}: fixed, doctor no longer finds it`));
    if (outcome === 'remains') io.say(io.style.red(`${subject}: done, and doctor still finds it`));
  }
  return fixes;
}

async function fixOne(
  kube: KubeClient,
  { code, object, repair }: Finding,
  options: FixOptions,
  context: CommandContext,
): Promise<Fix> {
  const { io, signal } = context;
  const fix = { code, ...(object === undefined ? {} : { object }), what: repair!.what };
  try {
    await tryRepair(kube, repair!);
    for (const line of repairLines(repair!)) io.say(line);
    if (!options.yes && !(await io.confirm('Do this?'))) return { ...fix, outcome: 'declined' };
    const progress = io.progress(repair!.what);
    try {
      const onProgress = (line: string): void => progress.update(line);
      await applyRepair(kube, repair!, async (ref) => {
        const unfinished = await restartPods(kube, ref, { timeoutMs: options.timeoutMs, signal, onProgress });
        if (unfinished !== undefined)
          throw new ToolError([unfinished.message, ...unfinished.obstacles].join('; '));
      });
    } finally {
      progress.done();
    }
    return { ...fix, outcome: 'remains' };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    io.say(io.style.red(`not fixed: ${repair!.what}: ${error.message}`));
    return { ...fix, outcome: 'failed', error: error.message };
  }
}

/** Looks until nothing of what was done is found any more, and marks what is gone as fixed. */
async function untilGone(
  fixes: Fix[],
  { timeoutMs }: FixOptions,
  lookAgain: () => Promise<Finding[] | undefined>,
  { signal, io }: CommandContext,
): Promise<void> {
  const progress = io.progress('Looking again');
  try {
    for (const deadline = Date.now() + timeoutMs; ; ) {
      const findings = await lookAgain();
      const present = findings === undefined ? undefined : new Set(findings.map(identity));
      for (const fix of fixes.filter(({ outcome }) => outcome === 'remains')) {
        if (present?.has(identity(fix)) === false) fix.outcome = 'fixed';
      }
      const isOver = fixes.every(({ outcome }) => outcome !== 'remains') || Date.now() >= deadline;
      if (isOver || signal.aborted) return;
      await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    progress.done();
  }
}

function identity({ code, object }: Pick<Finding, 'code' | 'object'>): string {
  return object === undefined ? code : `${code} ${keyOf(object)}`;
}

function doneSoFar(fixes: readonly Fix[]): string {
  const done = fixes.filter(({ outcome }) => outcome === 'remains').map(({ what }) => what);
  return done.length === 0 ? 'nothing in the cluster was changed' : `done before that: ${done.join('; ')}`;
}
