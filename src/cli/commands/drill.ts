import { UsageError } from '../../errors/tool-error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { BEFORE, CLUSTER_NAME, IDS, OUTPUT, outputFormat, STORE_FLAGS, YES } from '../common-flags.ts';
import { parseDuration, parseLongDuration } from '../duration.ts';
import { IDENTITY, TRUST } from '../key-flags.ts';

/** More pods than any cache has; a slip of the finger is not carried out. */
const MAX_REPLICAS = 1000;

export const drillCommand: CommandSpec = {
  name: 'drill',
  arguments: ['[RELEASE[@ID]]'],
  summary: 'Practise a recovery: restore a backup beside the original, time it, prove it, remove it',
  details:
    `Restores into a namespace that is made for it and deleted again, in which nothing reaches the original: no address, no name in DNS, no alert, no traffic in or out. ${IDS}. ` +
    'The report is kept in the store.',
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    BEFORE,
    {
      name: 'into',
      type: 'string',
      value: 'NAMESPACE',
      neverEmpty: true,
      describe: 'Hold it in this namespace; one that is there stays, without what the drill made',
    },
    {
      name: 'target',
      type: 'string',
      value: 'DURATION',
      neverEmpty: true,
      describe: 'Time in which the release is to be back: 15m',
    },
    {
      name: 'replicas',
      type: 'string',
      value: 'N',
      neverEmpty: true,
      describe: 'Pods of each workload (default: as in the backup, as far as there is room)',
    },
    {
      name: 'all',
      type: 'boolean',
      describe: 'Each release of the namespace that has backups, one after the other',
    },
    { name: 'clean', type: 'boolean', describe: 'Only remove what drills left that were cut off' },
    {
      name: 'report',
      type: 'string',
      value: 'FILE',
      neverEmpty: true,
      describe: 'Write the report to this file, too, as Markdown',
    },
    { name: 'force', type: 'boolean', describe: 'Write over a file that is there' },
    IDENTITY,
    TRUST,
    YES,
    {
      name: 'timeout',
      type: 'string',
      value: 'DURATION',
      describe: 'Time for the pods to become ready (default: 5m)',
    },
    OUTPUT,
  ],
  examples: [
    {
      purpose: 'Once a quarter, against the time that was promised',
      words: 'drill my-memcached -n cache --target 15m --report drill.md',
    },
    { purpose: 'In CI, of every release of a namespace', words: 'drill --all -n cache --yes -o json' },
    { purpose: 'Remove what a drill left that was killed', words: 'drill --clean' },
  ],
  exitCodes: {
    0: 'it passed',
    1: 'it failed',
    3: 'it passed, and missed --target',
    5: 'it could not be proved as a whole, or not all that it made is gone',
  },
  seeAlso: ['restore', 'verify', 'schedule install', 'docs/drill.md'],
  run: async ({ words: [selector], values, namespace }, context) => {
    const { drill } = await import('../../commands/drill.ts');
    const [into, target, file, clusterName, before] = [
      'into',
      'target',
      'report',
      'cluster-name',
      'before',
    ].map((name) => values.text(name));
    const replicas = replicasOf(values.text('replicas'));
    const helmDriver = process.env.HELM_DRIVER;
    return drill(
      {
        all: values.isSet('all'),
        clean: values.isSet('clean'),
        force: values.isSet('force'),
        yes: values.isSet('yes'),
        output: outputFormat(values),
        timeoutMs: parseDuration(values.text('timeout') ?? '5m', 'timeout'),
        // By performance.now(): since the process began.
        since: 0,
        ...(selector === undefined ? {} : { selector }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(into === undefined ? {} : { into }),
        ...(target === undefined ? {} : { targetMs: parseLongDuration(target, 'target') }),
        ...(replicas === undefined ? {} : { replicas }),
        ...(file === undefined ? {} : { file }),
        ...(clusterName === undefined ? {} : { clusterName }),
        ...(before === undefined ? {} : { before }),
        ...(helmDriver === undefined ? {} : { helmDriver }),
      },
      context,
    );
  },
};

/** @throws UsageError */
function replicasOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= MAX_REPLICAS) return Number(text);
  throw new UsageError(
    `"${text}" is not a value for --replicas (expected a number from 1 to ${MAX_REPLICAS})`,
  );
}
