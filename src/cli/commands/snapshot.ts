import { UsageError } from '../../errors/tool-error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { CLUSTER_NAME, NO_HEADERS, OUTPUT, outputFormat, STORE_FLAGS } from '../common-flags.ts';
import { explainedHere } from '../flag.ts';
import { ITEM_LIMIT_FLAGS, itemLimits } from '../item-limits.ts';
import { ENCRYPT_PASSPHRASE, RECIPIENTS } from '../key-flags.ts';

export const snapshotCommand: CommandSpec = {
  name: 'snapshot',
  arguments: ['RELEASE'],
  summary: 'Save the items of a release’s caches beside its backups, sealed',
  details:
    'For "warm --from RELEASE@ID". No backup needs it: a cache can be filled again. It holds other people’s data, so it is sealed, or --allow-plain says that plain text is meant. ' +
    'A store in Git takes none.',
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    ...explainedHere([...RECIPIENTS, ENCRYPT_PASSPHRASE]),
    {
      name: 'allow-plain',
      type: 'boolean',
      describe: 'Save it in plain text, where nobody is named who may open it',
    },
    ...ITEM_LIMIT_FLAGS,
    {
      name: 'keep',
      type: 'string',
      value: 'N',
      neverEmpty: true,
      describe: 'Once it is saved, remove all of this release but the newest N',
    },
    { name: 'list', type: 'boolean', describe: 'List the snapshots that there are, and save none' },
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    {
      purpose: 'Save what the caches of my-memcached hold',
      words: 'snapshot my-memcached -n cache --encrypt-to age1…',
    },
    {
      purpose: 'Only what was used in the last hour, and the newest three of them',
      words: 'snapshot my-memcached -n cache --encrypt-to age1… --max-age 1h --keep 3',
    },
    { purpose: 'Which there are', words: 'snapshot my-memcached -n cache --list' },
  ],
  exitCodes: {
    5: 'saved, but for items that are too large',
  },
  seeAlso: ['warm', 'backup', 'docs/warm.md#from-a-snapshot'],
  run: async ({ words: [release = ''], values }, context) => {
    const { snapshot } = await import('../../commands/snapshot.ts');
    const clusterName = values.text('cluster-name');
    const keep = values.text('keep');
    if (keep !== undefined && !/^[1-9]\d{0,5}$/.test(keep))
      throw new UsageError(`"${keep}" is not a value for --keep (expected a number from 1)`);
    return snapshot(
      {
        release,
        limits: itemLimits(values),
        ...(clusterName === undefined ? {} : { clusterName }),
        allowPlain: values.isSet('allow-plain'),
        list: values.isSet('list'),
        ...(keep === undefined ? {} : { keep: Number(keep) }),
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
      },
      context,
    );
  },
};
