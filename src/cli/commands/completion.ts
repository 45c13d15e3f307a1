import { SHELLS } from '../../completion/shell-scripts.ts';
import type { CommandSpec } from '../command-spec.ts';

export const completionCommand: CommandSpec = {
  name: 'completion',
  arguments: [[...SHELLS, 'install'].join('|')],
  summary: 'Print what a shell needs to complete commands, or have kubectl complete them',
  details:
    'Completes commands, flags, their values, and names of the cluster and the store: releases, backups, contexts, namespaces.\n\n' +
    'install: for "kubectl memcached-backup". Puts a link beside the plugin, under the name by which kubectl asks for completions, and needs kubectl\'s own completion. Through Helm it works with Helm\'s own, and nothing has to be done.\n\n' +
    `${SHELLS.join(', ')}: prints the script for the program under its own name, kubectl-memcached_backup; its first lines say how it is loaded.`,
  needsNoCluster: true,
  flags: [],
  examples: [
    { purpose: 'Have "kubectl memcached-backup" complete', words: 'completion install' },
    { purpose: 'In this bash, for the program itself', words: 'completion bash' },
  ],
  seeAlso: ['options', 'docs/completion.md'],
  run: async ({ words: [what = ''] }, context) => {
    const { completion } = await import('../../commands/completion.ts');
    return completion(what, { env: process.env, executable: process.execPath }, context);
  },
};
