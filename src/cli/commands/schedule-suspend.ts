import type { CommandSpec } from '../command-spec.ts';
import { ONE_SCHEDULE } from '../schedule-flags.ts';

export const scheduleSuspendCommand: CommandSpec = {
  name: 'schedule suspend',
  arguments: [],
  summary: 'Keep a schedule from starting runs, until it is resumed',
  details:
    'A run that is under way goes on. Alerts fire while a schedule is suspended. A second time changes nothing.',
  flags: [ONE_SCHEDULE],
  examples: [{ purpose: 'During maintenance of the store', words: 'schedule suspend -n cache' }],
  seeAlso: ['schedule resume', 'docs/schedule.md#a-pause'],
  run: async ({ values }, context) => {
    const { scheduleSuspend } = await import('../../commands/schedule-suspend.ts');
    const name = values.text('name');
    return scheduleSuspend({ suspend: true, ...(name === undefined ? {} : { name }) }, context);
  },
};
