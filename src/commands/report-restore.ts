import { spellCommand } from '../advice/spell.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { Plan } from '../model/plan/plan.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { printData } from '../output/print.ts';
import { proofLines } from '../output/proof-text.ts';
import { leftText } from '../output/runtime-text.ts';
import type { CarriedOut } from '../restore/carry-out.ts';
import type { RolloutOutcome } from '../restore/pods/wait.ts';
import { onlyLeaves } from '../restore/restore.ts';
import { type AdviceScope, restoreCommand, undoCommand } from '../restore/restore-command.ts';
import type { Remainder } from '../restore/undo/undo-plan.ts';
import { noWrites, type Writes } from '../restore/writes.ts';
import type { CommandContext } from '../session/context.ts';
import type { SavedBackup } from '../store/store.ts';

export interface RestoreReport extends CarriedOut {
  operation: 'restore' | 'undo';
  plan: Plan;
  /** For advice. */
  scope: AdviceScope;
  safety: SavedBackup | undefined;
  startedAt: Date;
  /** What an undo left of what its restore had created; it has been said by now. */
  stays?: Remainder[];
  /** Where what undoes it is kept, if that is not the store. */
  keptIn?: string | undefined;
  /** Workloads whose pods were up before the restore that an undo took back, and are not now. */
  missing?: RolloutOutcome[];
  /** An undo led back to where there was nothing of the release. */
  wasAbsent?: boolean;
  /** An undo: the namespace that the restore had made went with it. */
  isNamespaceDeleted?: boolean;
}

/** Where a person reads along, each write is printed as soon as it is done. */
export function writesShown(output: OutputFormat, { io }: CommandContext): Writes {
  const isForPeople = output === 'table' || output === 'wide';
  return noWrites(isForPeople ? (line) => io.out(line) : undefined);
}

/**
 * Says what was proved and how long it took.
 * @returns ok when proved; failed when a rollout did not finish or a pod runs with other settings;
 * incomplete when it was applied and can't be proved, when objects were left out, or when an undo led back to pods that were not up.
 */
export async function reportRestore(
  report: RestoreReport,
  output: OutputFormat,
  context: CommandContext,
): Promise<ExitCode> {
  const { io } = context;
  const {
    operation,
    plan,
    scope,
    applied,
    deletedPods,
    rollouts,
    proof,
    safety,
    startedAt,
    stays = [],
    keptIn,
    missing = [],
    wasAbsent = false,
    isNamespaceDeleted = false,
    paced,
    tuned,
  } = report;
  const { name: namespace } = plan.namespace;
  // A plan that has its own proof wrote nothing.
  const isAsItWas = plan.proof !== undefined || onlyLeaves(plan);
  const durationMs = context.now().getTime() - startedAt.getTime();
  const stuck = rollouts.filter(({ done }) => !done);
  const { skipped = [] } = plan;
  const left = plan.runtime?.left ?? [];
  const isPart = skipped.length + left.length > 0;
  const ended = stuck.length > 0 ? 'rollout-unfinished' : (proof?.verdict ?? 'removed');
  // All that was written is as at the backup, which holds more.
  const outcome = isPart && (ended === 'proved' || ended === 'removed') ? 'incomplete' : ended;
  const safetyBackup =
    safety === undefined ? {} : { safetyBackup: { id: safety.document.id, location: safety.location } };
  const data = {
    operation,
    outcome,
    durationMs,
    plan,
    applied: applied.map(({ action, ref, regained, lost }) => ({
      action,
      ref,
      ...(regained === undefined ? {} : { regained }),
      ...(lost === undefined ? {} : { lost }),
    })),
    ...(deletedPods.length === 0 ? {} : { deletedPods }),
    ...(isNamespaceDeleted ? { deletedNamespace: namespace } : {}),
    rollouts,
    ...(tuned === undefined ? {} : { tuned }),
    ...(paced === undefined ? {} : { paced }),
    proof: proof ?? null,
    ...(skipped.length === 0 ? {} : { skipped }),
    ...safetyBackup,
  };
  const names = applied.map(({ ref }) => displayName(ref));
  if (!(await printData(io, output, { kind: 'RestoreReport', data, names }))) {
    if (isNamespaceDeleted) io.out(`namespace/${namespace} deleted`);
    for (const line of proof === undefined ? [] : proofLines(proof, io.outStyle)) io.outProse(`${line}\n`);
  }
  for (const { ref, lost = [] } of applied) {
    for (const { field, value, is, why } of lost)
      io.warn(`the ${field} of ${displayName(ref)} is ${is ?? 'none'} now, not ${value} as before: ${why}`);
  }
  const { release, id } = plan.backup;
  const seconds = `${(durationMs / 1000).toFixed(1)} s`;
  const back =
    operation === 'undo' ? '' : ` To go back: ${spellCommand(undoCommand(scope), context.spelling)}`;
  const done =
    operation === 'undo'
      ? `Undone: ${release} is as it was before the restore`
      : isAsItWas
        ? `Nothing was written: the objects of ${release} equal ${id}`
        : `Restored ${release} to ${id}`;
  const but = stays.length > 0 ? ' but for what stays' : left.length > 0 ? ' but for what is left' : '';
  if (skipped.length > 0) {
    io.say(io.style.yellow(`Left out, as --skip-kind says: ${skipped.map(displayName).join(', ')}.`));
  }
  if (left.length > 0) {
    const { flags = [] } = scope;
    const plain = { ...scope, flags: flags.filter((flag) => flag !== '--without-restart') };
    io.say(io.style.yellow(`Left for the next restart: ${left.map(leftText).join('; ')}.`));
    io.say(
      `To complete it, which ends these pods: ${spellCommand(restoreCommand(plan, plain), context.spelling)}`,
    );
  }
  if (keptIn !== undefined) {
    const what = safety === undefined ? 'Its journal is' : 'Its journal and safety backup are';
    io.say(`${what} kept in ${keptIn}: the store ${scope.store.location} takes no journals.`);
  }
  switch (outcome) {
    case 'proved':
      io.say(
        io.style.green(
          `${done}${but}, ${operation === 'undo' ? 'as its pods prove' : 'and proved it'}, in ${seconds}.`,
        ),
      );
      return ExitCode.ok;
    case 'removed':
      io.say(
        io.style.green(
          `${done}: ${wasAbsent ? 'gone' : 'there was no memcached workload'}${but}, in ${seconds}.`,
        ),
      );
      return ExitCode.ok;
    case 'incomplete':
      io.say(
        io.style.yellow(
          `${done} but for what was left out${ended === 'proved' ? ', and proved the rest' : ''}, in ${seconds}.`,
        ),
      );
      return ExitCode.incomplete;
    case 'rollout-unfinished':
      for (const { message, obstacles: reasons } of stuck)
        io.say(io.style.red(['Not finished: ', message, ...reasons.map((line) => `\n  ${line}`)].join('')));
      if (operation === 'undo' && missing.length === 0) {
        io.say(io.style.yellow(`${done}${but} in ${seconds}: these pods were not up then either.`));
        return ExitCode.incomplete;
      }
      io.say(
        operation === 'undo'
          ? `The objects are as they were before the restore${but}; the pods are not after ${seconds}. To complete it: ${spellCommand(undoCommand(scope), context.spelling)}`
          : `What was written stays; the pods are not as they should be after ${seconds}.${back}`,
      );
      return ExitCode.failed;
    case 'differs':
      io.say(
        io.style.red(`Written, but the pods do not run with the backup's settings (${seconds}).${back}`),
      );
      return ExitCode.failed;
    default:
      io.say(io.style.yellow(`${done}${but} in ${seconds}; not everything could be proved.`));
      return ExitCode.incomplete;
  }
}
