import type { CommandSpec } from '../command-spec.ts';
import { ONE_SCHEDULE } from '../schedule-flags.ts';

export const scheduleRunCommand: CommandSpec = {
  name: 'schedule run',
  arguments: [],
  summary: 'Start a run of a schedule now, and follow it',
  details:
    "The Job is the one that kubectl create job --from makes. Its log is shown, and the exit code is the run's own; 4 where its pod could not be started. Ctrl-C ends the following and not the run. Also of a schedule that is suspended.",
  flags: [
    ONE_SCHEDULE,
    {
      name: 'wait',
      type: 'boolean',
      describe: 'Follow the run until it has ended; --wait=false only starts it (default: true)',
    },
  ],
  examples: [
    { purpose: 'Does it work?', words: 'schedule run -n cache' },
    { purpose: 'Start it and go on', words: 'schedule run -n cache --wait=false' },
  ],
  run: async ({ values }, context) => {
    const { scheduleRun } = await import('../../commands/schedule-run.ts');
    const name = values.text('name');
    return scheduleRun(
      {
        wait: !values.has('wait') || values.isSet('wait'),
        ...(name === undefined ? {} : { name }),
      },
      context,
    );
  },
};
