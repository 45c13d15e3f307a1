import type { BoxState } from '../model/checklist/box.ts';
import type { CheckedBox } from '../model/checklist/checklist.ts';
import { printableLine } from '../output/printable.ts';

const MARK: Record<BoxState, string> = { ticked: '[x]', open: '[ ]', unknown: '[?]' };
const INDENT = '      ';

/** The checklist for a person: a box a line, and below it why. */
export function checklistText(boxes: readonly CheckedBox[]): string {
  return boxes
    .map(({ state, title, why }) => `${MARK[state]} ${title}\n${INDENT}${printableLine(why)}\n`)
    .join('');
}

/** Boxes in `-o json` and `-o yaml`. */
export function checklistData(boxes: readonly CheckedBox[]): object[] {
  return boxes.map(({ box, title, state, why }) => ({ box, title, state, why }));
}
