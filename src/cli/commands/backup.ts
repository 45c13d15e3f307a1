import type { CommandSpec } from '../command-spec.ts';
import { ALL_NAMESPACES, CLUSTER_NAME, NO_HEADERS, OUTPUT, outputFormat, STORE } from '../common-flags.ts';

export const backupCommand: CommandSpec = {
  name: 'backup',
  arguments: ['[RELEASE...]'],
  summary: 'Back up releases: their objects, Helm history and the settings their pods run with',
  details:
    'Without a name, every memcached release of the namespace, found by its container. Reads only: nothing in the cluster changes. A backup holds Secrets in plain text, readable by you alone.',
  flags: [
    STORE,
    ALL_NAMESPACES,
    {
      name: 'selector',
      short: 'l',
      type: 'string',
      describe: 'Only releases whose memcached workload has these labels',
    },
    CLUSTER_NAME,
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    {
      purpose: 'Back up the release my-memcached of the namespace cache',
      words: 'backup my-memcached -n cache',
    },
    { purpose: 'Back up every memcached release of the cluster', words: 'backup -A --store /srv/backups' },
    {
      purpose: "Keep it in a folder, and print the backup's name for a script",
      words: 'backup my-memcached --store /srv/backups -o name',
    },
  ],
  run: async ({ words, values }, context) => {
    const { backup } = await import('../../commands/backup.ts');
    const clusterName = values.text('cluster-name');
    const labelSelector = values.text('selector');
    const helmDriver = process.env.HELM_DRIVER;
    return backup(
      {
        releases: words,
        allNamespaces: values.isSet('all-namespaces'),
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(clusterName === undefined ? {} : { clusterName }),
        ...(helmDriver === undefined ? {} : { helmDriver }),
      },
      context,
    );
  },
};
