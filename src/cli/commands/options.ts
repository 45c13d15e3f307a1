import { ExitCode } from '../../errors/exit-code.ts';
import type { CommandSpec } from '../command-spec.ts';

/** As kubectl has it. */
export const optionsCommand: CommandSpec = {
  name: 'options',
  arguments: [],
  summary: 'Explain the flags that every command takes',
  needsNoCluster: true,
  isPage: true,
  flags: [],
  examples: [],
  run: () => Promise.resolve(ExitCode.ok),
};
