import type { CommandSpec } from '../command-spec.ts';
import {
  ALL_NAMESPACES,
  CLUSTER_NAME,
  isDryRun,
  NO_HEADERS,
  OUTPUT,
  outputFormat,
  STORE_DRY_RUN,
  STORE_FLAGS,
  YES,
} from '../common-flags.ts';
import { KEEP_FLAGS, retentionRules } from '../keep-flags.ts';

export const pruneCommand: CommandSpec = {
  name: 'prune',
  arguments: ['[RELEASE...]'],
  summary: 'Remove backups that no rule keeps, after showing which and why',
  details:
    'A backup stays where one rule keeps it; without a rule, --keep-within 30d. Only complete, undamaged backups count. ' +
    'Whatever the rules, of each release the newest complete backup stays, the newest healthy one, the newest that verify passed, and --keep-min complete ones; ' +
    'and all of a release that the cluster no longer has, unless --include-gone is given. Asks once.',
  flags: [
    ...STORE_FLAGS,
    ALL_NAMESPACES,
    CLUSTER_NAME,
    ...KEEP_FLAGS,
    {
      name: 'include-gone',
      type: 'boolean',
      describe: 'Let the rules decide also on releases that the cluster no longer has',
    },
    YES,
    { ...STORE_DRY_RUN, describe: 'Show what would be removed, and remove nothing' },
    OUTPUT,
    NO_HEADERS,
  ],
  examples: [
    { purpose: 'Show what is older than 30 days and would go', words: 'prune -n cache --dry-run' },
    {
      purpose: 'Keep a week of days, two months of weeks and a year of months, in a script',
      words: 'prune -A --keep-daily 7 --keep-weekly 8 --keep-monthly 12 --yes',
    },
  ],
  exitCodes: {
    1: 'something could not be removed; the others were',
    4: 'the cluster could not be asked whether it still has a release',
  },
  seeAlso: ['list', 'backup', 'docs/retention.md'],
  run: async ({ words, values, namespace }, context) => {
    const { prune } = await import('../../commands/prune.ts');
    const clusterName = values.text('cluster-name');
    return prune(
      {
        releases: words,
        allNamespaces: values.isSet('all-namespaces'),
        rules: retentionRules(values),
        includeGone: values.isSet('include-gone'),
        yes: values.isSet('yes'),
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
