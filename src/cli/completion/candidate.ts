/** One word that may stand at the cursor. */
export interface Candidate {
  value: string;
  /** What it is, for shells that show it. */
  description?: string;
}

/** What the shell is to do beside offering candidates: bits of Cobra's (github.com/spf13/cobra, ShellCompDirective). */
export const Directive = {
  /** No file names where nothing fits. */
  noFiles: 4,
  /** Folders only. */
  folders: 16,
  /** As they are ordered here. */
  keepOrder: 32,
} as const;

export interface Answer {
  candidates: readonly Candidate[];
  /** {@link Directive}s; 0: file names where no candidate fits. */
  directive: number;
}

export const NOTHING: Answer = { candidates: [], directive: Directive.noFiles };

/** File names, which the shell knows best. */
export const FILES: Answer = { candidates: [], directive: 0 };

export const FOLDERS: Answer = { candidates: [], directive: Directive.folders };

/** More of them nobody reads; the first letters narrow them down. */
const MOST = 500;

/** Longest description, in characters: beside the word, on a line of a terminal. */
const LONGEST = 80;

/** What a shell takes for one word as it is, without quotes: another one would be cut, or run. */
const ONE_WORD = /^[\w.,:@%+=/~-]+$/;

/**
 * An answer as kubectl, Helm and our own scripts read it: `VALUE<TAB>DESCRIPTION` lines, and `:DIRECTIVE`. Words that do not begin
 * with what is typed are left out: Helm shows them all.
 * @param typed up to the cursor.
 */
export function answerText({ candidates, directive }: Answer, typed: string): string {
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const { value, description } of candidates) {
    if (lines.length === MOST) break;
    if (!value.startsWith(typed) || !ONE_WORD.test(value) || seen.has(value)) continue;
    seen.add(value);
    lines.push(description === undefined ? value : `${value}\t${inShort(description)}`);
  }
  return [...lines, `:${directive}`, ''].join('\n');
}

/** On one line, without what a terminal acts on. */
function inShort(description: string): string {
  const line = description.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  const characters = [...line];
  return characters.length <= LONGEST ? line : `${characters.slice(0, LONGEST - 1).join('')}…`;
}
