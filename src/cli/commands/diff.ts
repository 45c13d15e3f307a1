import type { CommandSpec } from '../command-spec.ts';
import { BEFORE, CLUSTER_NAME, IDS, NO_HEADERS, OUTPUT, outputFormat, STORE_FLAGS } from '../common-flags.ts';
import { IDENTITY } from '../key-flags.ts';

export const diffCommand: CommandSpec = {
  name: 'diff',
  arguments: ['[RELEASE[@ID]]'],
  asksCluster: (values) => !values.has('against'),
  summary: 'Show what differs between a backup and the cluster, or another backup',
  details: `Reads only. Lines with - are the backup's, lines with + what is there now; Secrets are compared by digest. ${IDS}; a path of a backup does too.`,
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    BEFORE,
    IDENTITY,
    {
      name: 'against',
      type: 'string',
      value: 'BACKUP',
      describe: 'Compare with this backup, not with the cluster: @ID, RELEASE@ID or a path',
    },
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    { purpose: 'What changed since the newest backup', words: 'diff my-memcached -n cache' },
    { purpose: 'What changed between two backups', words: 'diff my-memcached@previous --against @latest' },
    { purpose: 'Every setting, equal ones too', words: 'diff my-memcached -n cache -o wide' },
  ],
  exitCodes: {
    0: 'nothing differs',
    3: 'something does',
    5: 'nothing seems to, but something could not be read',
  },
  seeAlso: ['show', 'restore', 'rollback', 'docs/output.md#diff'],
  run: async ({ words: [backup], values, namespace }, context) => {
    const { diff } = await import('../../commands/diff.ts');
    const against = values.text('against');
    const clusterName = values.text('cluster-name');
    const before = values.text('before');
    return diff(
      {
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
        ...(backup === undefined ? {} : { backup }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(against === undefined ? {} : { against }),
        ...(clusterName === undefined ? {} : { clusterName }),
        ...(before === undefined ? {} : { before }),
      },
      context,
    );
  },
};
