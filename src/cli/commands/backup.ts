import type { CommandSpec } from '../command-spec.ts';
import { CLUSTER_NAME, NO_HEADERS, OUTPUT, outputFormat, STORE } from '../common-flags.ts';

export const backupCommand: CommandSpec = {
  name: 'backup',
  arguments: ['RELEASE'],
  summary: 'Back up a release: its objects, its Helm history and the settings its pods run with',
  details:
    'Reads only: nothing in the cluster changes. The backup holds Secrets in plain text, readable by you alone.',
  flags: [STORE, CLUSTER_NAME, OUTPUT, NO_HEADERS],
  examples: [
    {
      purpose: 'Back up the release my-memcached of the namespace cache',
      words: 'backup my-memcached -n cache',
    },
    {
      purpose: "Keep it in a folder, and print the backup's name for a script",
      words: 'backup my-memcached --store /srv/backups -o name',
    },
  ],
  run: async ({ words: [release = ''], values }, context) => {
    const { backup } = await import('../../commands/backup.ts');
    const clusterName = values.text('cluster-name');
    return backup(
      {
        release,
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
        ...(clusterName === undefined ? {} : { clusterName }),
      },
      context,
    );
  },
};
