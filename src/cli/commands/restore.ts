import type { CommandSpec } from '../command-spec.ts';
import { BEFORE, CLUSTER_NAME, IDS, INTO, OUTPUT, outputFormat, STORE_FLAGS, YES } from '../common-flags.ts';
import { parseDuration } from '../duration.ts';
import { IDENTITY, SEALING, TRUST } from '../key-flags.ts';

const ON_FAILURE = ['auto', 'undo', 'keep'] as const;
const DRY_RUN = ['none', 'client', 'server'] as const;

export const restoreCommand: CommandSpec = {
  name: 'restore',
  arguments: ['RELEASE[@ID]'],
  summary: 'Put a release back as a backup has it, and prove it from the pods',
  details:
    `Shows what it would change and asks once. ${IDS}; the path of a backup's folder will do too. ` +
    'What undo needs is saved first (see undo --help).',
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    BEFORE,
    INTO,
    IDENTITY,
    TRUST,
    ...SEALING,
    YES,
    {
      name: 'dry-run',
      type: 'string',
      value: 'MODE',
      choices: DRY_RUN,
      bare: 'server',
      neverEmpty: true,
      describe: 'Only show the plan, checked by the server unless =client',
    },
    {
      name: 'timeout',
      type: 'string',
      value: 'DURATION',
      describe: 'Time for the pods to become ready (default: 5m)',
    },
    {
      name: 'on-failure',
      type: 'string',
      value: 'WHAT',
      choices: ON_FAILURE,
      describe: 'auto (the default: undo a failed write, keep an unfinished rollout), undo or keep',
    },
    {
      name: 'whole-release',
      type: 'boolean',
      describe: 'Also a release that holds other workloads',
    },
    {
      name: 'force',
      type: 'boolean',
      describe: 'Also what Argo CD, Flux or an operator manages, and over a pending Helm operation',
    },
    {
      name: 'recreate',
      type: 'boolean',
      describe: 'Also make a Service anew, which may lose its address',
    },
    {
      name: 'new-addresses',
      type: 'boolean',
      describe: 'Give Services that are made new addresses and ports',
    },
    {
      name: 'skip-kind',
      type: 'list',
      value: 'KIND',
      neverEmpty: true,
      describe: 'Leave out a kind that the cluster does not serve (repeatable; exit code 5)',
    },
    {
      name: 'include-referenced',
      type: 'boolean',
      describe: 'Also replace Secrets and ConfigMaps it refers to',
    },
    {
      name: 'restart',
      type: 'boolean',
      describe: 'Restart pods one by one that else stay (OnDelete)',
    },
    OUTPUT,
  ],
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
  run: async ({ words: [selector = ''], values, namespace }, context) => {
    const { restore } = await import('../../commands/restore.ts');
    const clusterName = values.text('cluster-name');
    const before = values.text('before');
    const into = values.text('into');
    const helmDriver = process.env.HELM_DRIVER;
    return restore(
      {
        selector,
        yes: values.isSet('yes'),
        dryRun: values.choice('dry-run', DRY_RUN, 'none'),
        output: outputFormat(values),
        timeoutMs: parseDuration(values.text('timeout') ?? '5m', 'timeout'),
        onFailure: values.choice('on-failure', ON_FAILURE, 'auto'),
        wholeRelease: values.isSet('whole-release'),
        force: values.isSet('force'),
        recreate: values.isSet('recreate'),
        includeReferenced: values.isSet('include-referenced'),
        restart: values.isSet('restart'),
        skipKinds: values.list('skip-kind'),
        newAddresses: values.isSet('new-addresses'),
        ...(namespace === undefined ? {} : { namespace }),
        ...(into === undefined ? {} : { into }),
        ...(clusterName === undefined ? {} : { clusterName }),
        ...(before === undefined ? {} : { before }),
        ...(helmDriver === undefined ? {} : { helmDriver }),
      },
      context,
    );
  },
};
