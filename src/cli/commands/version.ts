import type { CommandSpec } from '../command-spec.ts';
import { OUTPUT, outputFormat } from '../common-flags.ts';

export const versionCommand: CommandSpec = {
  name: 'version',
  arguments: [],
  summary: 'Show the version of this tool',
  needsNoCluster: true,
  flags: [OUTPUT],
  examples: [{ purpose: 'As data', words: 'version -o json' }],
  run: async ({ values }, context) => {
    const { version } = await import('../../commands/version.ts');
    return version({ output: outputFormat(values) }, context);
  },
};
