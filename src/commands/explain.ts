import { advice } from '../advice/advice.ts';
import { tool } from '../advice/command.ts';
import { CODES, isCode } from '../doctor/catalogue.ts';
import { explainText } from '../doctor/explain-text.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { UsageError } from '../errors/tool-error.ts';
import type { CommandContext } from '../session/context.ts';

/** `doctor --explain CODE`: what docs/findings.md says of it. Needs no cluster. */
export function explain(text: string, { io }: CommandContext): ExitCode {
  const code = text.toUpperCase();
  if (!isCode(code)) {
    throw new UsageError(`"${text}" is no code of a finding; they go from ${CODES[0]} to ${CODES.at(-1)}`, {
      next: advice`${tool('doctor')} shows the codes of what it finds`,
    });
  }
  io.outProse(explainText(code, io.outStyle));
  return ExitCode.ok;
}
