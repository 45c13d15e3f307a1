import { drillInWords, drillVerdict, isDrillOld } from '../records/drill-verdict.ts';
import { open, ticked, unknown, type Verdict } from './box.ts';
import type { ChecklistFacts } from './checklist-facts.ts';

/** The last drill of the release passed, within its target, and is not older than a quarter. */
export function drillsScheduled({ drills, now }: ChecklistFacts): Verdict {
  if (drills === undefined) return unknown('the store, which holds the reports of drills, can’t be read');
  const [last] = drills;
  if (last === undefined) return open('no drill was measured yet');
  const said = `the drill of ${last.at.slice(0, 10)} ${drillInWords(last)}`;
  if (drillVerdict(last) !== 'passed') return open(said);
  return isDrillOld(last, now) ? open(`${said}: that is more than a quarter ago`) : ticked(said);
}
