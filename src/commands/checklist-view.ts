import type { BoxState } from '../model/checklist/box.ts';
import type { CheckedBox } from '../model/checklist/checklist.ts';
import { printableLine } from '../output/printable.ts';

const MARK: Record<BoxState, string> = { ticked: '[x]', open: '[ ]', unknown: '[?]' };
/** A terminal's usual width. */
const WIDTH = 80;
const INDENT = '      ';

/** The checklist for a person: a box a line, and below it why. */
export function checklistText(boxes: readonly CheckedBox[]): string {
  return boxes
    .map(({ state, title, why }) => `${MARK[state]} ${title}\n${wrapped(printableLine(why))}\n`)
    .join('');
}

/** Boxes in `-o json` and `-o yaml`. */
export function checklistData(boxes: readonly CheckedBox[]): object[] {
  return boxes.map(({ box, title, state, why }) => ({ box, title, state, why }));
}

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || INDENT.length + last.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => INDENT + line).join('\n');
}
