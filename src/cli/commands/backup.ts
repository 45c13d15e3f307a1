import { parseNote } from '../../backup/note.ts';
import type { CommandSpec } from '../command-spec.ts';
import {
  ALL_NAMESPACES,
  ALLOW_PLAIN_SECRETS,
  CLUSTER_NAME,
  NO_HEADERS,
  OUTPUT,
  outputFormat,
  STORE_FLAGS,
} from '../common-flags.ts';
import { explainedHere } from '../flag.ts';
import { givenRules, KEEP_FLAGS } from '../keep-flags.ts';
import { SEALING } from '../key-flags.ts';
import { pushTarget } from '../push-target.ts';
import { TERMINATION_LOG } from '../termination-log.ts';

export const backupCommand: CommandSpec = {
  name: 'backup',
  arguments: ['[RELEASE...]'],
  asksCluster: () => true,
  summary: 'Back up releases: their objects, Helm history and the settings their pods run with',
  details:
    'Without a name, every memcached release of the namespace, found by its container. Reads only: nothing in the cluster changes. A backup holds Secrets in plain text, readable by you alone, unless it is sealed: --encrypt-to. With a --keep flag, older backups of a release that no rule keeps are removed once its new backup is saved and complete, as prune does, and without asking.',
  flags: [
    ...STORE_FLAGS,
    ALL_NAMESPACES,
    {
      name: 'selector',
      short: 'l',
      type: 'string',
      value: 'LABELS',
      describe: 'Only releases whose memcached workload has these labels',
    },
    CLUSTER_NAME,
    {
      name: 'note',
      type: 'string',
      value: 'TEXT',
      neverEmpty: true,
      describe: 'One line to be read beside it in list, show and the plan: "before 1.7"',
    },
    {
      name: 'without-secrets',
      type: 'boolean',
      describe:
        "Leave out Secrets, Helm's record and values, and objects that hold a secret in plain text; a restore takes those of the cluster",
    },
    {
      name: 'verify',
      type: 'boolean',
      describe:
        'Read each backup again once it is saved, every byte; one that is not sound fails the run, and then nothing older is removed',
    },
    ...KEEP_FLAGS,
    ...explainedHere(SEALING),
    ALLOW_PLAIN_SECRETS,
    {
      name: TERMINATION_LOG,
      type: 'string',
      value: 'FILE',
      neverEmpty: true,
      describe:
        'Also write in one line to this file how the run ended: for the terminationMessagePath of a pod',
    },
    {
      name: 'push-gateway',
      type: 'string',
      value: 'URL',
      neverEmpty: true,
      describe:
        'URL of a Pushgateway that is told how the run was; where it does not answer, that is a warning',
    },
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
    {
      purpose: 'Say what it was taken for',
      words: 'backup my-memcached -n cache --note "before 1.7"',
    },
    {
      purpose: 'Every night: save all releases, and keep 30 days and a year of months',
      words: 'backup -A --verify --keep-within 30d --keep-monthly 12',
    },
  ],
  exitCodes: {
    0: 'saved',
    1: 'a release could not be saved, or its backup is not sound; the others are saved',
    5: 'saved, and something is lacking in it',
  },
  seeAlso: ['verify', 'list', 'schedule install', 'prune', 'docs/stores.md', 'docs/format.md'],
  run: async ({ words, values }, context) => {
    const { backup } = await import('../../commands/backup.ts');
    const clusterName = values.text('cluster-name');
    const labelSelector = values.text('selector');
    const retention = givenRules(values);
    const helmDriver = process.env.HELM_DRIVER;
    const note = values.text('note');
    const push = await pushTarget(values, process.env);
    return backup(
      {
        releases: words,
        allNamespaces: values.isSet('all-namespaces'),
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
        verify: values.isSet('verify'),
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(clusterName === undefined ? {} : { clusterName }),
        ...(retention === undefined ? {} : { retention }),
        ...(note === undefined ? {} : { note: parseNote(note) }),
        ...(values.isSet('without-secrets') ? { withoutSecrets: true } : {}),
        ...(helmDriver === undefined ? {} : { helmDriver }),
        ...(push === undefined ? {} : { push }),
      },
      context,
    );
  },
};
