import type { CommandSpec } from '../command-spec.ts';
import {
  ALL_NAMESPACES,
  CLUSTER_NAME,
  INTO,
  NO_HEADERS,
  OUTPUT,
  outputFormat,
  STORE_FLAGS,
} from '../common-flags.ts';
import { IDENTITY } from '../key-flags.ts';

export const permissionsCommand: CommandSpec = {
  name: 'permissions',
  arguments: ['COMMAND', '[RELEASE[@ID]]'],
  summary: 'Show which permissions a command needs, or which of them you lack',
  details:
    'COMMAND is backup, list, show, diff, verify, restore, rollback, warm, snapshot, drill, status, runbook, prune, doctor, alerts, schedule install, schedule status, schedule run, schedule logs, schedule suspend, schedule resume or schedule uninstall. What restore needs depends on the backup, and undo needs the same; drill makes a namespace, unless --into names one. -o yaml prints a Role, and a ClusterRole for what is cluster-wide, ready for kubectl apply.',
  flags: [
    { name: 'check', type: 'boolean', describe: 'Ask the cluster, and show only what you lack' },
    {
      name: 'for',
      type: 'string',
      value: 'WHO',
      describe:
        'With -o yaml, also bind the roles: system:serviceaccount:NAMESPACE:NAME, user:NAME or group:NAME',
    },
    {
      ...INTO,
      describe:
        'For restore and drill: into this namespace; for schedule install and uninstall: with drills in it',
    },
    ...STORE_FLAGS,
    ALL_NAMESPACES,
    CLUSTER_NAME,
    IDENTITY,
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    {
      purpose: 'Let a CronJob take backups of the namespace cache, and no more',
      words: 'permissions backup -n cache -o yaml --for system:serviceaccount:cache:backup',
    },
    {
      purpose: 'Before an incident: may I restore this?',
      words: 'permissions restore my-memcached -n cache --check',
    },
  ],
  exitCodes: {
    1: 'with --check: something is missing',
  },
  seeAlso: ['schedule install', 'docs/permissions.md'],
  run: async ({ words, values, namespace }, context) => {
    const length = words[0] === 'schedule' ? 2 : 1;
    const command = words.slice(0, length).join(' ');
    const backup = words[length];
    const { permissions } = await import('../../commands/permissions.ts');
    const subject = values.text('for');
    const clusterName = values.text('cluster-name');
    const into = values.text('into');
    return permissions(
      {
        command,
        allNamespaces: values.isSet('all-namespaces'),
        check: values.isSet('check'),
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
        ...(backup === undefined ? {} : { backup }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(into === undefined ? {} : { into }),
        ...(subject === undefined ? {} : { subject }),
        ...(clusterName === undefined ? {} : { clusterName }),
      },
      context,
    );
  },
};
