import { type Command, kubectl } from '../advice/command.ts';
import { type Spelling, spellAdvice } from '../advice/spell.ts';
import { ToolError } from '../errors/tool-error.ts';
import { leavesOpen } from '../kube/leaves-open.ts';
import type { Repair, RepairStep } from '../model/findings/finding.ts';
import { arrayAt, stringAt } from '../model/json/json.ts';
import { displayName, type KubeObject, keyOf, type ObjectRef, refOf } from '../model/kubernetes/object.ts';

/** A repair that stopped on its way: what was done before that stays. */
export class StoppedRepair extends ToolError {
  /** What it left, a clause: "job.batch/run was deleted and is not made again". */
  readonly left: string;

  /** @param next the command that makes again what was deleted. */
  constructor(left: string, cause: ToolError, next: Command | undefined) {
    super(`${cause.message}; ${left}`, { cause, ...(next === undefined ? {} : { next }) });
    this.left = left;
  }
}

/** Why a repair failed, and what completes it by hand. */
export function failureInWords(error: ToolError, spelling: Spelling): string {
  if (!(error instanceof StoppedRepair) || error.next === undefined) return error.message;
  return `${error.message}; to do so: ${spellAdvice(error.next, spelling)}`;
}

/**
 * What is thrown where a step failed.
 * @returns the step's own error where nothing was done before and nothing came of it.
 */
export function stoppedAt({ steps }: Repair, index: number, error: ToolError): ToolError {
  const step = steps[index]!;
  const isOpen = leavesOpen(error);
  const done = steps.slice(0, index);
  if (done.length === 0 && !isOpen) return error;
  const isMadeAgain = (ref: ObjectRef): boolean =>
    step.action === 'create' && keyOf(refOf(step.object)) === keyOf(ref);
  const clauses = done.map((each) => {
    const isHalf = each.action === 'delete' && !isOpen && isMadeAgain(each.ref);
    return `${doneInWords(each)}${isHalf ? ' and is not made again' : ''}`;
  });
  if (isOpen) clauses.push(`whether ${doneInWords(step)} is not known, because no answer came`);
  const next = step.action === 'create' && !isOpen ? commandToMake(step.object) : undefined;
  return new StoppedRepair(clauses.join(', '), error, next);
}

function doneInWords(step: RepairStep): string {
  const name = displayName(step.action === 'create' ? refOf(step.object) : step.ref);
  if (step.action === 'restart') return `pods of ${name} were restarted`;
  return `${name} was ${{ create: 'created', patch: 'changed', delete: 'deleted' }[step.action]}`;
}

/** Of a Job that is made as `kubectl create job --from` makes it. */
function commandToMake(object: KubeObject): Command | undefined {
  const owner = arrayAt(object, 'metadata', 'ownerReferences').find(
    (each) => stringAt(each, 'kind') === 'CronJob',
  );
  const { kind, namespace = '', name } = refOf(object);
  if (kind !== 'Job' || owner === undefined) return undefined;
  return kubectl('create', 'job', name, `--from=cronjob/${stringAt(owner, 'name')}`, '-n', namespace);
}
