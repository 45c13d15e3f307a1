import type { CommandSpec } from '../command-spec.ts';
import { ONE_SCHEDULE } from '../schedule-flags.ts';

export const scheduleResumeCommand: CommandSpec = {
  name: 'schedule resume',
  arguments: [],
  summary: 'Let a suspended schedule start runs again',
  details:
    'Says when the next run is. One that was due shortly before is made up for at once. A second time changes nothing.',
  flags: [ONE_SCHEDULE],
  examples: [{ purpose: 'After it', words: 'schedule resume -n cache' }],
  seeAlso: ['schedule suspend', 'docs/schedule.md#a-pause'],
  run: async ({ values }, context) => {
    const { scheduleSuspend } = await import('../../commands/schedule-suspend.ts');
    const name = values.text('name');
    return scheduleSuspend({ suspend: false, ...(name === undefined ? {} : { name }) }, context);
  },
};
