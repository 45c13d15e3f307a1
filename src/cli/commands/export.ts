import type { CommandSpec } from '../command-spec.ts';
import { CLUSTER_NAME, STORE_FLAGS } from '../common-flags.ts';
import { TRUST } from '../key-flags.ts';

export const exportCommand: CommandSpec = {
  name: 'export',
  arguments: ['RELEASE[@ID]', 'FILE.tar.gz'],
  summary: 'Write one backup into one file, which --store takes',
  details:
    'The same backup gives the same bytes. list, show, diff, verify and restore read it with --store FILE.tar.gz; tar -xzf in a store puts the backup in its place there.',
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    TRUST,
    { name: 'force', type: 'boolean', describe: 'Write over a file that is there' },
  ],
  examples: [
    { purpose: 'Hand a backup to a colleague', words: 'export my-memcached cart.tar.gz -n cache' },
    { purpose: 'Restore from it', words: 'restore my-memcached -n cache --store cart.tar.gz' },
  ],
  seeAlso: ['copy', 'show', 'docs/stores.md'],
  run: async ({ words: [backup = '', file = ''], values, namespace }, context) => {
    const { exportToFile } = await import('../../commands/export.ts');
    const clusterName = values.text('cluster-name');
    return exportToFile(
      {
        backup,
        file,
        force: values.isSet('force'),
        ...(namespace === undefined ? {} : { namespace }),
        ...(clusterName === undefined ? {} : { clusterName }),
      },
      context,
    );
  },
};
