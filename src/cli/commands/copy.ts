import { UsageError } from '../../errors/tool-error.ts';
import type { CommandSpec } from '../command-spec.ts';
import {
  ALLOW_PLAIN_SECRETS,
  CLUSTER_NAME,
  gitAccess,
  isDryRun,
  NO_HEADERS,
  OUTPUT,
  outputFormat,
  STORE_DRY_RUN,
  STORE_FLAGS,
  s3Access,
  TO_S3_FLAGS,
} from '../common-flags.ts';
import type { FlagValues } from '../flag-values.ts';
import { ENCRYPT_PASSPHRASE, IDENTITY, RECIPIENTS, SIGN_KEY, TRUST } from '../key-flags.ts';

export const copyCommand: CommandSpec = {
  name: 'copy',
  arguments: ['[RELEASE[@ID]...]'],
  summary: 'Copy backups to another store, as they are, and check what arrived',
  details:
    'What the other store has already is passed over, so a second run after a cut goes on. A damaged backup is not copied, and does not keep the others.',
  flags: [
    ...STORE_FLAGS,
    {
      name: 'to',
      type: 'string',
      value: 'DIR|URL',
      neverEmpty: true,
      describe: 'The store to copy to; as --store',
    },
    ...TO_S3_FLAGS,
    ALLOW_PLAIN_SECRETS,
    {
      name: 'all',
      type: 'boolean',
      describe: 'Every backup of the store but safety backups; with -n, of one namespace',
    },
    CLUSTER_NAME,
    ...RECIPIENTS.map((flag) => ({
      ...flag,
      describe: `${withoutDefault(flag.describe)}; what is sealed to others is opened first`,
    })),
    { ...ENCRYPT_PASSPHRASE, describe: ENCRYPT_PASSPHRASE.describe.replace('Seal with', 'The same with') },
    { name: 'open', type: 'boolean', describe: 'Copy what is sealed in plain text, Secrets and all' },
    IDENTITY,
    {
      ...SIGN_KEY,
      describe: SIGN_KEY.describe.replace('the backup', 'copies that are sealed or opened on the way'),
    },
    TRUST,
    STORE_DRY_RUN,
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    {
      purpose: 'Take the newest backup to another disk',
      words: 'copy my-memcached -n cache --to /mnt/usb/backups',
    },
    { purpose: 'Copy a whole store', words: 'copy --all --store /srv/backups --to /mnt/usb/backups' },
    {
      purpose: 'Seal a whole store to another key',
      words: 'copy --all --to s3://my-backups/new --identity old.key --encrypt-to age1…',
    },
  ],
  exitCodes: {
    1: 'a backup could not be copied; the others are',
  },
  seeAlso: ['export', 'verify', 'docs/stores.md'],
  run: async ({ words, values, namespace }, context) => {
    const to = values.text('to');
    if (to === undefined)
      throw new UsageError('copy needs a store to copy to', { next: 'name it: --to STORE' });
    const toS3 = s3Access(values, 'to-');
    const change = changeOf(values);
    const { copy } = await import('../../commands/copy.ts');
    const clusterName = values.text('cluster-name');
    return copy(
      {
        backups: words,
        all: values.isSet('all'),
        to,
        s3: Object.keys(toS3).length > 0 ? toS3 : s3Access(values),
        ...(change === undefined ? {} : { change }),
        git: gitAccess(values, context.io.interactive),
        dryRun: isDryRun(values),
        output: outputFormat(values),
        headers: !values.isSet('no-headers'),
        ...(namespace === undefined ? {} : { namespace }),
        ...(clusterName === undefined ? {} : { clusterName }),
      },
      context,
    );
  },
};

/** What is done on the way. Flags alone ask for it: a variable that `backup` seals by must not change what is copied. */
function changeOf(values: FlagValues): 'seal' | 'open' | undefined {
  const isSealed =
    values.list('encrypt-to').length > 0 ||
    values.text('recipients-file') !== undefined ||
    values.isSet('encrypt-passphrase');
  const isOpened = values.isSet('open');
  if (isSealed && isOpened)
    throw new UsageError('a copy is sealed or in plain text, not both', {
      next: 'leave out --open, or --encrypt-to, --recipients-file and --encrypt-passphrase',
    });
  if (isSealed) return 'seal';
  return isOpened ? 'open' : undefined;
}

/** The variable of `backup` is not meant for copies. */
function withoutDefault(text: string): string {
  return text.replace(/ \(default: .*\)$/, '');
}
