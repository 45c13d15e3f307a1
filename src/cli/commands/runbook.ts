import { endpointInUse } from '../../store/s3/s3-access.ts';
import type { CommandSpec } from '../command-spec.ts';
import { ALL_NAMESPACES, CLUSTER_NAME, STORE_FLAGS } from '../common-flags.ts';
import { parseDuration } from '../duration.ts';
import { IDENTITY } from '../key-flags.ts';

/** What the backup guide promises for a whole cluster. */
const RTO = '15m';

export const runbookCommand: CommandSpec = {
  name: 'runbook',
  arguments: ['[RELEASE...]'],
  summary: "Write the team's runbook: what there is, and the commands of an incident",
  details:
    'Markdown, on standard output or in a file: releases, stores, schedules, recovery objectives, the checklist with what is missing, each scenario as commands that name these releases, this cluster and this store, troubleshooting, contacts. Without a name, every memcached release of the namespace. Reads only.',
  neverAsks: true,
  flags: [
    ...STORE_FLAGS,
    ALL_NAMESPACES,
    CLUSTER_NAME,
    IDENTITY,
    {
      name: 'output-file',
      type: 'string',
      value: 'FILE',
      neverEmpty: true,
      describe: 'Write it to this file, whole or not at all, instead of to standard output',
    },
    { name: 'force', type: 'boolean', describe: 'Write over a file that is there' },
    {
      name: 'contacts',
      type: 'string',
      value: 'FILE',
      neverEmpty: true,
      describe: 'Small Markdown or YAML file with whom to call; goes into the runbook word for word',
    },
    {
      name: 'rto',
      type: 'string',
      value: 'DURATION',
      describe: `Time in which a release is to be back (default: ${RTO})`,
    },
  ],
  examples: [
    {
      purpose: 'For the wiki of the team',
      words: 'runbook -n cache --contacts contacts.md --output-file runbook.md',
    },
    { purpose: 'Of every release of the cluster', words: 'runbook -A --store s3://backups/memcached' },
  ],
  seeAlso: ['status', 'doctor', 'docs/runbook.md'],
  run: async ({ words, values }, context) => {
    const { runbook } = await import('../../commands/runbook.ts');
    const rto = values.text('rto') ?? RTO;
    // Refused where it is no duration; it is shown as it was written.
    parseDuration(rto, 'rto');
    const [clusterName, contacts, file] = ['cluster-name', 'contacts', 'output-file'].map((name) =>
      values.text(name),
    );
    const s3Endpoint = endpointInUse(process.env, values.text('s3-endpoint'));
    return runbook(
      {
        releases: words,
        allNamespaces: values.isSet('all-namespaces'),
        rto,
        force: values.isSet('force'),
        ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
        ...(clusterName === undefined ? {} : { clusterName }),
        ...(contacts === undefined ? {} : { contacts }),
        ...(file === undefined ? {} : { file }),
      },
      context,
    );
  },
};
