import type { CommandSpec } from '../command-spec.ts';
import { BEFORE, CLUSTER_NAME, NO_HEADERS, OUTPUT, outputFormat, STORE_FLAGS } from '../common-flags.ts';
import { IDENTITY, TRUST } from '../key-flags.ts';

export const verifyCommand: CommandSpec = {
  name: 'verify',
  arguments: ['[RELEASE[@ID]]'],
  summary: 'Check that a backup is sound and would restore',
  details:
    'Checks every byte and what the files hold, asks the cluster whether it serves the API version of each object and for a dry run, and lets Helm (HELM_BIN, else the one on PATH) render the chart again. Where nothing is wrong, "list" shows it as verified. Without an id, the newest backup, also if it is damaged.',
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    BEFORE,
    IDENTITY,
    TRUST,
    { name: 'offline', type: 'boolean', describe: 'Ask no cluster' },
    {
      name: 'skip-render',
      type: 'boolean',
      describe: 'Do not let Helm render the chart: for releases made with a post-renderer',
    },
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    { purpose: 'The newest backup of a release', words: 'verify my-memcached -n cache' },
    {
      purpose: 'On a machine that holds the store and no kubeconfig',
      words: 'verify my-memcached --offline',
    },
    { purpose: 'What is wrong, for a script', words: 'verify my-memcached -n cache -o json' },
  ],
  exitCodes: {
    0: 'sound',
    1: 'not',
    3: 'sound, but this cluster would not take it',
    5: 'sound as far as could be checked, but the cluster did not answer',
  },
  seeAlso: ['drill', 'docs/format.md', 'docs/output.md#verify'],
  run: async ({ words: [backup], values, namespace }, context) => {
    const { verify } = await import('../../commands/verify.ts');
    const clusterName = values.text('cluster-name');
    const before = values.text('before');
    return verify(
      {
        offline: values.isSet('offline'),
        helm: values.isSet('skip-render') ? undefined : process.env.HELM_BIN || 'helm',
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
        ...(backup === undefined ? {} : { backup }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(clusterName === undefined ? {} : { clusterName }),
        ...(before === undefined ? {} : { before }),
      },
      context,
    );
  },
};
