import type { CommandSpec } from '../command-spec.ts';
import { BEFORE, CLUSTER_NAME, IDS, OUTPUT, outputFormat, STORE_FLAGS } from '../common-flags.ts';
import { IDENTITY, TRUST } from '../key-flags.ts';

export const showCommand: CommandSpec = {
  name: 'show',
  arguments: ['[RELEASE[@ID]]'],
  summary: 'Show one backup: its objects, settings, values and notes',
  details: `${IDS}; a path of a backup does too. Without RELEASE, the only one that the store holds. -o yaml prints the manifests, -o json everything, -o wide every setting. Secrets are masked everywhere. Needs no cluster.`,
  flags: [...STORE_FLAGS, CLUSTER_NAME, BEFORE, IDENTITY, TRUST, OUTPUT],
  examples: [
    { purpose: 'The newest backup of a release', words: 'show my-memcached -n cache' },
    { purpose: 'The manifests of the one before', words: 'show my-memcached@previous -n cache -o yaml' },
    { purpose: 'A copy that lies elsewhere', words: 'show ./20261122T101500Z' },
  ],
  seeAlso: ['list', 'diff', 'docs/format.md', 'docs/output.md#show'],
  run: async ({ words: [backup], values, namespace }, context) => {
    const { show } = await import('../../commands/show.ts');
    const clusterName = values.text('cluster-name');
    const before = values.text('before');
    return show(
      {
        output: outputFormat(values),
        ...(backup === undefined ? {} : { backup }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(clusterName === undefined ? {} : { clusterName }),
        ...(before === undefined ? {} : { before }),
      },
      context,
    );
  },
};
