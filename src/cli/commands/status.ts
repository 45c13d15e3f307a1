import type { CommandSpec } from '../command-spec.ts';
import { ALL_NAMESPACES, CLUSTER_NAME, NO_HEADERS, OUTPUT, outputFormat, STORE } from '../common-flags.ts';
import { parseDuration } from '../duration.ts';

export const statusCommand: CommandSpec = {
  name: 'status',
  arguments: ['[RELEASE...]'],
  summary: 'Show whether releases are backed up, and how they are',
  details:
    'A line a release: whether a restore has a backup to take, made by a schedule or by hand, its age, what changed since, the next scheduled run, pods ready, and the share of reads that hit right now. Without a name, every memcached release of the namespace. Reads only; the exit code is 0 whatever it shows.',
  flags: [
    STORE,
    ALL_NAMESPACES,
    CLUSTER_NAME,
    {
      name: 'watch',
      short: 'w',
      type: 'boolean',
      describe: 'Look again every two seconds; without a terminal, a line for each release that changed',
    },
    {
      name: 'interval',
      type: 'string',
      describe: "Between two looks at a pod's counters, such as 10s (default: 300ms)",
    },
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    { purpose: 'Every release of the cluster, on a screen that follows', words: 'status -A --watch' },
    { purpose: 'For a dashboard', words: 'status -A --store /srv/backups -o json' },
  ],
  run: async ({ words, values }, context) => {
    const { status } = await import('../../commands/status.ts');
    const clusterName = values.text('cluster-name');
    return status(
      {
        releases: words,
        allNamespaces: values.isSet('all-namespaces'),
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
        watch: values.isSet('watch'),
        intervalMs: parseDuration(values.text('interval') ?? '300ms', 'interval'),
        ...(clusterName === undefined ? {} : { clusterName }),
      },
      context,
    );
  },
};
