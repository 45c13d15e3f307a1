import type { CommandSpec } from '../command-spec.ts';
import { YES } from '../common-flags.ts';
import { SCHEDULE_NAME } from '../schedule-flags.ts';

const DRY_RUN = ['none', 'client', 'server'] as const;

export const scheduleUninstallCommand: CommandSpec = {
  name: 'schedule uninstall',
  arguments: [],
  summary: 'Delete a schedule; its backups and their claim stay',
  details:
    'Shows what goes and what stays, and asks. Only objects that bear the labels of this schedule are deleted, and no other schedule loses anything. Where there is nothing, nothing is done.',
  flags: [
    SCHEDULE_NAME,
    YES,
    {
      name: 'dry-run',
      type: 'string',
      value: 'MODE',
      choices: DRY_RUN,
      bare: 'server',
      neverEmpty: true,
      describe: 'Only show what would be deleted; =client does not have the server try it',
    },
  ],
  examples: [{ purpose: 'See what would go', words: 'schedule uninstall -n cache --dry-run' }],
  exitCodes: {
    0: 'gone, or there was none',
    5: 'something may be left that you may not see',
  },
  seeAlso: ['schedule suspend', 'docs/schedule.md#its-end'],
  run: async ({ values }, context) => {
    const { scheduleUninstall } = await import('../../commands/schedule-uninstall.ts');
    const name = values.text('name');
    return scheduleUninstall(
      {
        yes: values.isSet('yes'),
        dryRun: values.choice('dry-run', DRY_RUN, 'none'),
        ...(name === undefined ? {} : { name }),
      },
      context,
    );
  },
};
