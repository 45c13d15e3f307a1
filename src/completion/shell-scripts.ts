import { readFileSync } from 'node:fs';

/** The shells that there is a script for, and the file in `scripts` that is it. */
const FILES = {
  bash: 'completion.bash',
  zsh: 'completion.zsh',
  fish: 'completion.fish',
  powershell: 'completion.ps1',
} as const;

export type Shell = keyof typeof FILES;

export const SHELLS = Object.keys(FILES) as Shell[];

/**
 * What a shell reads to complete this program under its own name. In the executable another module is in this one's place
 * (scripts/build/finished-scripts.ts), which holds them.
 */
export function shellScript(shell: Shell): string {
  return readFileSync(new URL(`./scripts/${FILES[shell]}`, import.meta.url), 'utf8');
}
