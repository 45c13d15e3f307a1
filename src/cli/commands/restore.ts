import type { CommandSpec } from '../command-spec.ts';
import { CLUSTER_NAME, INTO, OUTPUT, outputFormat, STORE_FLAGS } from '../common-flags.ts';
import { parseDuration } from '../duration.ts';
import { IDENTITY, SEALING, TRUST } from '../key-flags.ts';

const ON_FAILURE = ['auto', 'undo', 'keep'] as const;
const DRY_RUN = ['none', 'client', 'server'] as const;

export const restoreCommand: CommandSpec = {
  name: 'restore',
  arguments: ['RELEASE[@ID]'],
  summary: 'Put a release back as a backup has it, and prove it from the pods',
  details:
    'Shows what it would change and asks once. ID is a backup\'s name from "list", latest (the default) or previous; the path of a backup\'s folder will do too.\n\n' +
    "What undo needs goes to the store, or to your state folder where that can't be written: " +
    '$XDG_STATE_HOME/memcached-backup or ~/.local/state/memcached-backup (%LOCALAPPDATA% on Windows).',
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    INTO,
    IDENTITY,
    TRUST,
    ...SEALING,
    { name: 'yes', type: 'boolean', describe: 'Do not ask; needed where there is no terminal' },
    {
      name: 'dry-run',
      type: 'string',
      choices: DRY_RUN,
      bare: 'client',
      neverEmpty: true,
      describe: 'none, client (show the plan) or server (let the server check it too)',
    },
    {
      name: 'timeout',
      type: 'string',
      describe: 'Time for the pods to become ready, such as 5m (the default)',
    },
    {
      name: 'on-failure',
      type: 'string',
      choices: ON_FAILURE,
      describe: 'auto (undo a failed write, keep an unfinished rollout; the default), undo or keep',
    },
    {
      name: 'whole-release',
      type: 'boolean',
      describe: 'Restore also a release that holds other workloads than memcached',
    },
    {
      name: 'force',
      type: 'boolean',
      describe: 'Restore also what Argo CD, Flux or an operator manages, and over a pending Helm operation',
    },
    {
      name: 'recreate',
      type: 'boolean',
      describe: 'Delete and make again also a Service, which may lose its address',
    },
    {
      name: 'new-addresses',
      type: 'boolean',
      describe: 'Let Services that are created get new addresses and node ports, not those that they had',
    },
    {
      name: 'skip-kind',
      type: 'list',
      neverEmpty: true,
      describe: 'Leave out objects of this kind, which the cluster does not serve (repeatable; exit code 5)',
    },
    {
      name: 'include-referenced',
      type: 'boolean',
      describe: 'Replace also Secrets and ConfigMaps that the release only refers to',
    },
    {
      name: 'restart',
      type: 'boolean',
      describe: 'Restart, one by one, pods that do not follow their template by themselves (OnDelete)',
    },
    OUTPUT,
  ],
  examples: [
    { purpose: 'Show what would change', words: 'restore my-memcached -n cache --dry-run=server' },
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
        ...(helmDriver === undefined ? {} : { helmDriver }),
      },
      context,
    );
  },
};
