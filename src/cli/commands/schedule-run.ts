import type { CommandSpec } from '../command-spec.ts';
import { ONE_SCHEDULE } from '../schedule-flags.ts';

export const scheduleRunCommand: CommandSpec = {
  name: 'schedule run',
  arguments: [],
  summary: 'Start a run of a schedule now, and follow it',
  details:
    "The Job is the one that kubectl create job --from makes. Its log is shown, and the exit code is the run's own. Ctrl-C ends the following and not the run. Also of a schedule that is suspended.",
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
  exitCodes: {
    1: 'the run failed, or the API server refuses its pod',
    4: "a store or a cluster could not be reached, or the run's pod could not be started",
    5: 'the run is incomplete',
  },
  seeAlso: ['schedule logs', 'schedule status', 'docs/schedule.md#a-run-now'],
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
