import { endpointInUse } from '../../store/s3/s3-access.ts';
import type { CommandSpec } from '../command-spec.ts';
import {
  ALL_NAMESPACES,
  CLUSTER_NAME,
  NO_HEADERS,
  OUTPUT,
  outputFormat,
  STORE_FLAGS,
} from '../common-flags.ts';
import { parseDuration } from '../duration.ts';
import type { Flag } from '../flag.ts';
import { IDENTITY } from '../key-flags.ts';

const WITH_PROMETHEUS: Flag = {
  ...OUTPUT,
  choices: [...OUTPUT.choices!, 'prometheus'],
  describe: `${OUTPUT.describe.replace(' (', ', prometheus (')}`,
};

export const statusCommand: CommandSpec = {
  name: 'status',
  arguments: ['[RELEASE...]'],
  asksCluster: () => true,
  summary: 'Show whether releases are backed up, and how they are',
  details:
    'A line a release: whether a restore has a backup to take, made by a schedule or by hand, its age, what changed since, the next scheduled run, pods ready, and the share of reads that hit right now. Without a name, every memcached release of the namespace. Reads only.',
  neverAsks: true,
  flags: [
    ...STORE_FLAGS,
    ALL_NAMESPACES,
    CLUSTER_NAME,
    IDENTITY,
    {
      name: 'watch',
      short: 'w',
      type: 'boolean',
      describe: 'Look again every two seconds; without a terminal, a line for each release that changed',
    },
    {
      name: 'checklist',
      type: 'boolean',
      describe:
        "Also the backup guide's checklist: [x] what was seen to hold, [ ] what was seen not to, [?] what can't be told, and why",
    },
    {
      name: 'interval',
      type: 'string',
      value: 'DURATION',
      describe: "Between two looks at a pod's counters, such as 10s (default: 300ms)",
    },
    WITH_PROMETHEUS,
    NO_HEADERS,
  ],
  examples: [
    { purpose: 'Every release of the cluster, on a screen that follows', words: 'status -A --watch' },
    {
      purpose: 'What is still to be done for backups that can be relied on',
      words: 'status -n cache --checklist',
    },
    { purpose: 'For a dashboard', words: 'status -A --store /srv/backups -o json' },
    {
      purpose: "For the textfile collector of Prometheus' node_exporter",
      words: 'status -A --store /srv/backups -o prometheus',
    },
  ],
  exitCodes: {
    0: 'whatever it shows',
    1: 'a release that was named is nowhere',
    5: "records of Helm's could not be read",
  },
  seeAlso: ['doctor', 'list', 'schedule status', 'docs/output.md#status'],
  run: async ({ words, values }, context) => {
    const { status } = await import('../../commands/status.ts');
    const clusterName = values.text('cluster-name');
    return status(
      {
        releases: words,
        allNamespaces: values.isSet('all-namespaces'),
        output: values.text('output') === 'prometheus' ? 'prometheus' : outputFormat(values),
        headers: !values.isSet('no-headers'),
        watch: values.isSet('watch'),
        intervalMs: parseDuration(values.text('interval') ?? '300ms', 'interval'),
        ...(clusterName === undefined ? {} : { clusterName }),
        ...(values.isSet('checklist')
          ? { checklist: { s3Endpoint: endpointInUse(process.env, values.text('s3-endpoint')) } }
          : {}),
      },
      context,
    );
  },
};
