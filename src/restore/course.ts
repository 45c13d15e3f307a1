import { type Spelling, spellCommand } from '../advice/spell.ts';
import type { Plan } from '../model/plan/plan.ts';
import type { SavedBackup } from '../store/store.ts';
import { type ObjectStanding, objectStandings, type Written } from './object-standing.ts';
import { type AdviceScope, undoCommand } from './restore-command.ts';
import type { Undone } from './undo/undo-journal.ts';
import { whereItStands } from './where-it-stands.ts';
import { podsInWords, type Writes } from './writes.ts';

/** How far a restore or an undo has come, filled in as it goes: what is told of it where it ends before its end. */
export interface Course {
  operation: 'restore' | 'undo';
  startedAt: Date;
  scope: AdviceScope;
  plan: Plan;
  safety?: SavedBackup;
  /** The location of its journal, once there is one. */
  journal?: string;
  writes: Writes;
  /** The undo that a restore which failed began by itself, and what came of it once it is over. */
  back?: { writes: Writes; undone?: Undone };
}

/** Where each object stands that was written or was to be. */
export function standingsOf({ plan, writes, back }: Course): ObjectStanding[] {
  if (back === undefined) return objectStandings(plan, writtenBy(writes));
  const stays = back.undone && new Set(back.undone.stays.map(({ what }) => what));
  return objectStandings(plan, writtenBy(writes), { written: writtenBy(back.writes), stays });
}

/** Whether, as far as anybody knows, nothing is other than before the command, pods included. */
export function leftAllAsBefore(course: Course): boolean {
  const { deletedPods, restarted, tuned } = course.writes;
  const areObjects = standingsOf(course).every(({ state }) => state === 'as-before');
  return areObjects && deletedPods.length + restarted.length + tuned.length === 0;
}

/** Where it stands, for whoever ends the command without its help: a line each. */
export function courseInWords(course: Course, spelling: Spelling): string[] {
  const { operation, scope, plan, writes, back, journal } = course;
  const { namespace, release } = scope.address;
  const soFar = (of: Writes): string => whereItStands(writtenBy(of), plan, podsInWords(of));
  const undo = back === undefined ? '' : `; of its undo, which it had begun: ${soFar(back.writes)}`;
  const what = `The ${operation} of ${release} in namespace ${namespace}: `;
  if (journal === undefined && leftAllAsBefore(course)) return [`${what}the cluster was not changed.`];
  return [
    `${what}${soFar(writes)}${undo}.`,
    ...(journal === undefined ? [] : [`Its journal: ${journal}`]),
    `Next: to take back or complete what is half done: ${spellCommand(undoCommand(scope), spelling)}`,
  ];
}

function writtenBy({ logs }: Writes): Written {
  return {
    done: logs.flatMap(({ done }) => done),
    unsettled: logs.flatMap(({ unsettled }) => unsettled),
  };
}
