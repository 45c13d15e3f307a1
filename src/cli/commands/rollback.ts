import type { CommandSpec } from '../command-spec.ts';
import { CLUSTER_NAME, OUTPUT, outputFormat, STORE_FLAGS } from '../common-flags.ts';
import { IDENTITY, SEALING, TRUST } from '../key-flags.ts';
import { RESTORE_FLAGS, restoreOptions } from '../restore-flags.ts';

export const rollbackCommand: CommandSpec = {
  name: 'rollback',
  arguments: ['RELEASE'],
  asksCluster: () => true,
  summary: 'Go back to the newest backup that differs from how a release is now',
  details:
    'Shows first which settings of memcached change, as the pods run now and as they ran at the backup, then the plan, and asks once; ' +
    'what is done is what restore does (see restore --help), and undo takes it back. ' +
    '--to takes the name of a backup in "list" or its beginning, latest, previous, healthy (the newest at which the release was up), ' +
    'a moment in local time: 2h, yesterday, 2026-11-28T14:00; or, where the store is in Git, a tag of it. Nothing is checked out.',
  flags: [
    ...STORE_FLAGS,
    CLUSTER_NAME,
    {
      name: 'to',
      type: 'string',
      value: 'WHAT',
      neverEmpty: true,
      describe: 'A backup, by its id, a word, a moment or a Git tag',
    },
    IDENTITY,
    TRUST,
    ...SEALING,
    ...RESTORE_FLAGS,
    OUTPUT,
  ],
  examples: [
    { purpose: 'Show what going back would change', words: 'rollback my-memcached -n cache --dry-run' },
    { purpose: 'Go back', words: 'rollback my-memcached -n cache' },
    { purpose: 'Go back to how it was yesterday', words: 'rollback my-memcached -n cache --to yesterday' },
  ],
  exitCodes: { 0: 'proved, or nothing to do', 5: 'not all of it done or proved' },
  seeAlso: ['undo', 'diff', 'docs/restore.md#back-to-an-earlier-one-rollback'],
  run: async ({ words: [release = ''], values, namespace }, context) => {
    const { rollback } = await import('../../commands/rollback.ts');
    const to = values.text('to');
    return rollback(
      {
        release,
        output: outputFormat(values),
        ...restoreOptions(values, process.env),
        ...(to === undefined ? {} : { to }),
        ...(namespace === undefined ? {} : { namespace }),
      },
      context,
    );
  },
};
