import { UsageError } from '../../errors/tool-error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { BEFORE, CLUSTER_NAME, IDS, INTO, OUTPUT, outputFormat, STORE_FLAGS } from '../common-flags.ts';
import { IDENTITY, SEALING, TRUST } from '../key-flags.ts';
import { RESTORE_FLAGS, restoreOptions } from '../restore-flags.ts';

export const restoreCommand: CommandSpec = {
  name: 'restore',
  arguments: ['RELEASE[@ID]'],
  asksCluster: () => true,
  summary: 'Put a release back as a backup has it, and prove it from the pods',
  details: `Shows what it would change and asks once. ${IDS}; the path of a backup's folder will do too.`,
  flags: [...STORE_FLAGS, CLUSTER_NAME, BEFORE, INTO, IDENTITY, TRUST, ...SEALING, ...RESTORE_FLAGS, OUTPUT],
  examples: [
    { purpose: 'Show what would change', words: 'restore my-memcached -n cache --dry-run' },
    { purpose: 'Go back to the newest backup', words: 'restore my-memcached -n cache' },
    {
      purpose: 'Go back to a certain backup, in a script',
      words: 'restore my-memcached@20261122T101500Z -n cache --yes',
    },
    {
      purpose: 'Make a copy of it beside the original',
      words: 'restore my-memcached -n cache --into cache-copy',
    },
  ],
  exitCodes: { 0: 'proved, or nothing to do', 5: 'not all of it done or proved' },
  seeAlso: ['undo', 'rollback', 'docs/restore.md'],
  run: async ({ words: [selector = ''], values, namespace }, context) => {
    const { restore } = await import('../../commands/restore.ts');
    const before = values.text('before');
    const into = values.text('into');
    if (into !== undefined && values.isSet('without-restart'))
      throw new UsageError('--without-restart is for pods that run: --into makes new ones');
    return restore(
      {
        selector,
        output: outputFormat(values),
        ...restoreOptions(values, process.env),
        ...(namespace === undefined ? {} : { namespace }),
        ...(into === undefined ? {} : { into }),
        ...(before === undefined ? {} : { before }),
      },
      context,
    );
  },
};
